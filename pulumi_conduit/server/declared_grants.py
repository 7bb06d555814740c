"""The running program's declared access of one user, read from its run file.

A grant with an unknown value, or one that `ignore_changes` may keep, counts as unknown. A grant whose user is unknown
may be of any user.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import Key
from pulumi_conduit.resources.declared_access import LoggedAccess, LoggedGrant
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.run_file import read_run_file
from pulumi_conduit.sdk_internals import server_engine_address
from pulumi_conduit.server.declared_resources import has_known_profile, may_be_at
from pulumi_conduit.urns import name_of, stack_of

__all__ = ["DeclaredGrants"]

_ANY_USER = ""


class DeclaredGrants:
    """The grants in the run file, by user."""

    def __init__(self, run: ProviderContext) -> None:
        """Start without a file."""
        self._run = run
        self._read: tuple[str, _RunFileGrants] = ("", _RunFileGrants(""))

    def access_of(self, user: Key, urn: str) -> LoggedAccess:
        """Return the recorded access of a user; `urn` is the user's own resource."""
        text, grants = self._read
        now = read_run_file(server_engine_address())
        if now != text:
            grants = _RunFileGrants(now)
            self._read = (now, grants)
        stack = _stack(urn)
        records = [*grants.of(stack, user.id), *grants.of(stack, urn), *grants.of(stack, _ANY_USER)]
        found = tuple(one for one in records if not one.has_known_profile or may_be_at(self._run, user, one.profile))
        return LoggedAccess(found, stack in grants.complete)


class _RunFileGrants:
    """The grants of a run file: by stack, and by the address or the resource of their user."""

    def __init__(self, text: str) -> None:
        self.complete: set[str] = set()
        self._grants: dict[tuple[str, str], list[LoggedGrant]] = {}
        latest: dict[str, Mapping[str, Any]] = {}
        for number, record in enumerate(_parse_lines(text)):
            if "top_level" in record:
                self.complete.add(str(record.get("stack")))
            latest[str(record.get("urn") or number)] = record
        for record in latest.values():
            for owner, grant in _grants(record):
                self._grants.setdefault((_stack(str(record.get("urn") or record.get("stack"))), owner), []).append(
                    grant
                )

    def of(self, stack: str, owner: str) -> list[LoggedGrant]:
        return self._grants.get((stack, owner), [])


def _parse_lines(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


def _grants(record: Mapping[str, Any]) -> Iterator[tuple[str, LoggedGrant]]:
    """Yield the grant of a record after its owner: the user's email, else its URN, else an empty text for any user.

    Skip a grant that its check will refuse.
    """
    try:
        if "unsettled" in record:
            yield _unsettled(record)
        elif "nameless" in record:
            yield _nameless(record)
        elif "user" in record:
            ignored = record.get("ignored")
            owner = _ANY_USER if ignored == "user" else fields.email(record["user"])
            yield owner, _grant(record, record["urn"], is_known=not ignored, has_known_profile=not ignored)
    except (KeyError, ValueError):
        return


def _unsettled(record: Mapping[str, Any]) -> tuple[str, LoggedGrant]:
    known, urn = record["known"], record["urn"]
    owner = fields.email(known["user"]) if "user" in known else record["owner"] or _ANY_USER
    return owner, LoggedGrant(
        _name(urn),
        urn,
        record["is_list"],
        None,
        _profile(known),
        is_pending=record["unsettled"] == "pending",
        has_known_profile=has_known_profile(record),
    )


def _nameless(record: Mapping[str, Any]) -> tuple[str, LoggedGrant]:
    naming = {**record["nameless"], "name": record["name"]}
    owner = fields.email(naming["user"]) if "user" in naming else _ANY_USER
    return owner, _grant(naming, None, is_known=record["is_whole"], has_known_profile=has_known_profile(record))


def _grant(naming: Mapping[str, Any], urn: str | None, *, is_known: bool, has_known_profile: bool) -> LoggedGrant:
    is_list = "account_ids" in naming
    accounts = naming["account_ids"] if is_list else [naming.get("account_id")]
    known = frozenset(fields.account_ids(accounts)) if is_known else None
    name = _name(urn) if urn else naming["name"]
    return LoggedGrant(name, urn, is_list, known, _profile(naming), has_known_profile=has_known_profile)


def _profile(naming: Mapping[str, Any]) -> str | None:
    given = naming.get("profile")
    return None if given is None else fields.profile(given)


def _name(urn: str) -> str:
    return name_of(urn)


def _stack(urn: str) -> str:
    return "::".join(stack_of(urn))
