"""What `pulumi stack export` writes, read: our resources, how many there are of others, and what is pending."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli import files
from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.account_access import parsed_grant_id
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.urns import STACK_TYPE, is_urn, parse_urn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import Enum
    from pathlib import Path

__all__ = ["Export", "Recorded", "read_export", "read_export_file"]

PREFIX = "pulumi-python:dynamic/conduit:"
"""What the types of all our resources begin with."""
SHARD = f"{PREFIX}RosterShard"
"""The type of a stack's shard of a roster; it declares no object of an API."""
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
    """A resource of this package: its key, its tenant, and its accounts."""

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
    """Parse a resource of this package; ValueError gives the reason if that fails."""
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
        raise ValueError("its state lacks `tenant`")
    return Tenant.parse(stored)


def _section(resource: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = resource.get(name, {})
    if not isinstance(section, dict):
        raise ValueError(f"its {name} are not an object")  # noqa: TRY004 - one kind of error for all that is unreadable
    return section


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_plain(one, name) for one in value]
    key, mark = _SIGNATURE
    if not isinstance(value, dict) or value.get(key) != mark:
        return value
    if isinstance(plain := value.get("plaintext"), str):
        return json.loads(plain)
    raise ValueError(f"its {name} is encrypted; export this stack with --show-secrets, and protect the file")


_VERSIONS = (3, 4)
_PROVIDER = "pulumi:providers:"
_MOST_REASONS = 10


@dataclass(frozen=True)
class Export:
    """One stack: what it manages of ours, what it has still to delete or had begun, by URN, and what else it has."""

    origin: str
    stack: str
    ours: tuple[Recorded, ...]
    to_delete: tuple[str, ...]
    begun: tuple[str, ...]
    others: int
    rosters: tuple[str, ...]
    """The names of the rosters that it declares."""
    digest: str
    """The same for two exports of one state, whatever their files are called and however they are indented."""


def read_export(text: str, origin: str) -> Export:
    """Read an export; `origin` names it in errors, and where it does not name its stack itself."""
    deployment = _deployment(text, origin)
    resources = _listed(deployment, "resources", origin)
    managed = [one for one in resources if one.get("external") is not True]
    ours = [one for one in managed if one["type"].startswith(PREFIX)]
    alive = [one for one in ours if one.get("delete") is not True and one["type"] != SHARD]
    return Export(
        origin=origin,
        stack=_stack(resources) or origin,
        ours=tuple(_parse_resources(alive, origin)),
        to_delete=tuple(one["urn"] for one in ours if one.get("delete") is True),
        begun=tuple(_interrupted(_listed(deployment, "pending_operations", origin, _resource_of))),
        others=sum(one.get("custom") is True and not one["type"].startswith((PREFIX, _PROVIDER)) for one in managed),
        rosters=tuple(parse_urn(one["urn"]).name for one in managed if one["type"] == ROSTER),
        digest=hashlib.sha256(json.dumps(deployment, sort_keys=True).encode()).hexdigest(),
    )


def read_export_file(path: Path) -> Export:
    """Read an export from a file."""
    return read_export(files.read(path), str(path))


def _deployment(text: str, origin: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    version = content.get("version") if isinstance(content, dict) else None
    deployment = content.get("deployment") if isinstance(content, dict) else None
    if not isinstance(deployment, dict):
        raise InvalidInputError(f"{_shown(origin)} is not an export of a stack; write it with `pulumi stack export`")
    if version not in _VERSIONS:
        raise InvalidInputError(f"{_shown(origin)} is an export of version {escaped(str(version), 20)}, not of 3 or 4")
    return deployment


def _resource_of(operation: Mapping[str, Any]) -> Any:
    return operation.get("resource")


def _listed(deployment: Mapping[str, Any], name: str, origin: str, resource_in: Any = None) -> list[Mapping[str, Any]]:
    """Return a list of the deployment whose every item holds a resource with a type and a URN."""
    found = deployment.get(name)
    items = [] if found is None else found
    if not isinstance(items, list) or not all(_is_item(one, resource_in) for one in items):
        raise InvalidInputError(f"{_shown(origin)}: its `{name}` are not as `pulumi stack export` writes them")
    return items


def _is_item(item: Any, resource_in: Any) -> bool:
    resource = resource_in(item) if resource_in and isinstance(item, dict) else item
    return isinstance(resource, dict) and all(isinstance(resource.get(name), str) for name in ("urn", "type"))


def _parse_resources(resources: Iterable[Mapping[str, Any]], origin: str) -> list[Recorded]:
    found = [_recorded(one) for one in resources]
    reasons = [f"{_shown(origin)}: {one}" for one in found if isinstance(one, str)]
    if len(reasons) > _MOST_REASONS:
        reasons[_MOST_REASONS:] = [f"{_shown(origin)}: {len(reasons) - _MOST_REASONS} more cannot be read"]
    if reasons:
        raise InvalidInputError("\n".join(reasons))
    return [one for one in found if isinstance(one, Recorded)]


def _recorded(resource: Mapping[str, Any]) -> Recorded | str:
    """Return a resource of ours, or why it cannot be read."""
    try:
        return recorded(resource)
    except ValueError as error:
        return f"{escaped(resource['urn'], 300)} cannot be read: {escaped(str(error), 300)}"


def _interrupted(operations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in operations:
        if one["resource"]["type"].startswith(PREFIX):
            yield f"{one.get('type')} {one['resource']['urn']}"


def _stack(resources: Iterable[Mapping[str, Any]]) -> str | None:
    """Return `project/stack`, as the URN of the stack itself names both."""
    for one in resources:
        if one["type"] == STACK_TYPE and is_urn(one["urn"]):
            urn = parse_urn(one["urn"])
            return f"{urn.project}/{urn.stack}"
    return None


def _shown(origin: str) -> str:
    return escaped(origin, 200)
