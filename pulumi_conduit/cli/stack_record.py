"""One resource of ours as an export records it, and why another one cannot be read.

Must not know where the export is from. Secrets that it encrypts stay so; what is needed and encrypted is unreadable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.account_access.model import parsed_grant_id
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import Enum

__all__ = ["PREFIX", "ROSTER", "SHARD", "Recorded", "recorded"]

PREFIX = "pulumi-python:dynamic/conduit:"
"""What the types of all our resources begin with."""
SHARD = f"{PREFIX}RosterShard"
"""The type that says which part of a roster a stack has: it declares nothing that lives in an API."""
ROSTER = "conduit:index:Roster"
"""The type of a roster, which is a component: what it declares are its children."""

_KINDS = {
    "Company": Kind.COMPANY,
    "ConductorUser": Kind.USER,
    "UserAccountAccess": Kind.GRANT,
    "UserAccountAccessExclusive": Kind.GRANT_LIST,
}
_SIGNATURE = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
"""Pulumi's mark of a secret in place of a value, as a key and what stands under it."""


@dataclass(frozen=True)
class Recorded:
    """A resource of ours: its key, where it lives, and the accounts it names."""

    kind: Kind
    id: str
    tenant: Tenant
    accounts: frozenset[int]
    urn: str
    type: str | None = None
    """The type that a user is recorded with; None for other kinds."""
    status: str | None = None
    """The status that was last declared for a user, which a refresh does not change; None for other kinds."""

    @property
    def key(self) -> Key:
        """Return the object that this resource declares."""
        return Key(self.tenant, self.kind, self.id)

    @property
    def email(self) -> str:
        """Return the address of the person it is about; a company has none."""
        return self.id.rpartition(":")[0] if self.kind is Kind.GRANT else self.id


def recorded(resource: Mapping[str, Any]) -> Recorded:
    """Return a resource of ours; ValueError says what of it cannot be read."""
    name = resource["type"].removeprefix(PREFIX)
    if name not in _KINDS:
        raise ValueError(f"its type {resource['type']} is not known to this version")
    kind = _KINDS[name]
    found = _PARSERS[kind](resource)
    tenant = _tenant(resource)
    of_user = _declared_user(resource) if kind is Kind.USER else (None, None)
    return Recorded(kind, found[0], tenant, found[1], resource["urn"], *of_user)


Found = tuple[str, frozenset[int]]


def _company(resource: Mapping[str, Any]) -> Found:
    return fields.company_id(resource.get("id")).lower(), frozenset()


def _user(resource: Mapping[str, Any]) -> Found:
    # Not there where it was imported or read from a state without: then nothing is declared beside the grants.
    initial = _plain(_section(resource, "inputs").get("initialAccounts", []), "initialAccounts")
    return fields.email(resource.get("id")), frozenset(fields.account_ids(initial) if initial else ())


def _declared_user(resource: Mapping[str, Any]) -> tuple[str, str]:
    """Return type and status of a user as last declared: what a refresh saw and left alone is not declared."""
    outputs = _section(resource, "outputs")
    applied = _plain(outputs.get("lastApplied"), "lastApplied")
    status = applied.get("status") if isinstance(applied, dict) else None
    return (
        _word(_plain(outputs.get("type"), "type"), "type", UserType),
        _word(_plain(status or outputs.get("status"), "status"), "status", UserStatus),
    )


def _word(value: Any, name: str, words: type[Enum]) -> str:
    known = {one.value for one in words}
    if value not in known:
        raise ValueError(f"its {name} is none of {', '.join(sorted(known))}")
    return str(value)


def _grant(resource: Mapping[str, Any]) -> Found:
    email, account_id = parsed_grant_id(str(resource.get("id")))
    return f"{email}:{account_id}", frozenset({account_id})


def _grant_list(resource: Mapping[str, Any]) -> Found:
    listed = _plain(_section(resource, "inputs").get("accountIds"), "accountIds")
    # A list that was emptied outside is recorded as empty by a refresh.
    return fields.email(resource.get("id")), frozenset(fields.account_ids(listed) if listed != [] else ())


_PARSERS: dict[Kind, Callable[[Mapping[str, Any]], Found]] = {
    Kind.COMPANY: _company,
    Kind.USER: _user,
    Kind.GRANT: _grant,
    Kind.GRANT_LIST: _grant_list,
}


def _tenant(resource: Mapping[str, Any]) -> Tenant:
    stored = _plain(_section(resource, "outputs").get("tenant"), "tenant")
    if not isinstance(stored, str) or not stored:
        raise ValueError("its state does not say where it lives")
    return Tenant.parse(stored)


def _section(resource: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = resource.get(name, {})
    if not isinstance(section, dict):
        raise ValueError(f"its {name} are no object")  # noqa: TRY004 - one kind of error for all that is unreadable
    return section


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_plain(one, name) for one in value]
    key, mark = _SIGNATURE
    if not isinstance(value, dict) or value.get(key) != mark:
        return value
    if isinstance(plain := value.get("plaintext"), str):
        return json.loads(plain)
    raise ValueError(f"its {name} is encrypted; export this stack with --show-secrets, and keep the file safe")
