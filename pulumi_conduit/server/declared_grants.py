"""What the running program declares for one user's access, as its run file tells the provider process.

Where a value is not known, or the engine may keep an old one (`ignore_changes`), the grant counts as not known. A grant
whose user is not known may be anybody's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import Key
from pulumi_conduit.resources.declared_access import LoggedAccess, LoggedGrant
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.run_file import read_run_file
from pulumi_conduit.server.declared_resources import may_be_at
from pulumi_conduit.urns import name_of, stack_of

__all__ = ["DeclaredGrants"]

_EVERYBODY = ""


class DeclaredGrants:
    """What the run file says, by user."""

    def __init__(self, run: ProviderContext) -> None:
        """Read nothing yet."""
        self._run = run
        self._read: tuple[str, _Heard] = ("", _Heard(""))

    def access_of(self, user: Key, urn: str) -> LoggedAccess:
        """Return what is noted for a user of the stack of `urn`, the user's own resource."""
        text, heard = self._read
        now = read_run_file(sys.argv[-1])  # the engine's address is the last argument of the server's command line
        if now != text:
            heard = _Heard(now)
            self._read = (now, heard)
        stack = _stack(urn)
        notes = [*heard.of(stack, user.id), *heard.of(stack, urn), *heard.of(stack, _EVERYBODY)]
        found = tuple(one for one in notes if may_be_at(self._run, user, one.profile))
        return LoggedAccess(found, stack in heard.complete)


class _Heard:
    """The grants of a run file: by stack, and by the address or the resource of their user."""

    def __init__(self, text: str) -> None:
        self.complete: set[str] = set()
        self._grants: dict[tuple[str, str], list[LoggedGrant]] = {}
        latest: dict[str, Mapping[str, Any]] = {}
        for number, note in enumerate(_notes(text)):
            if "top_level" in note:
                self.complete.add(str(note.get("stack")))
            latest[str(note.get("urn") or number)] = note
        for note in latest.values():
            for owner, grant in _grants(note):
                self._grants.setdefault((_stack(str(note.get("urn") or note.get("stack"))), owner), []).append(grant)

    def of(self, stack: str, owner: str) -> list[LoggedGrant]:
        return self._grants.get((stack, owner), [])


def _notes(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        try:
            note = json.loads(line)
        except ValueError:
            continue
        if isinstance(note, dict):
            yield note


def _grants(note: Mapping[str, Any]) -> Iterator[tuple[str, LoggedGrant]]:
    """Yield the grant that a note is about, with its user's address, or resource, or nothing where neither is known.

    One that a check will refuse is none.
    """
    try:
        if "unsettled" in note:
            yield _unsettled(note)
        elif "nameless" in note:
            yield _nameless(note)
        elif "user" in note:
            ignored = note.get("ignored")
            owner = _EVERYBODY if ignored == "user" else fields.email(note["user"])
            yield owner, _grant(note, note["urn"], is_known=not ignored)
    except (KeyError, ValueError):
        return


def _unsettled(note: Mapping[str, Any]) -> tuple[str, LoggedGrant]:
    known, urn = note["known"], note["urn"]
    owner = fields.email(known["user"]) if "user" in known else note["owner"] or _EVERYBODY
    is_pending = note["unsettled"] == "pending"
    return owner, LoggedGrant(_name(urn), urn, note["is_list"], None, _profile(known), is_pending=is_pending)


def _nameless(note: Mapping[str, Any]) -> tuple[str, LoggedGrant]:
    naming = {**note["nameless"], "name": note["name"]}
    owner = fields.email(naming["user"]) if "user" in naming else _EVERYBODY
    return owner, _grant(naming, None, is_known=bool(note["is_whole"]))


def _grant(naming: Mapping[str, Any], urn: str | None, *, is_known: bool = True) -> LoggedGrant:
    is_list = "account_ids" in naming
    accounts = naming["account_ids"] if is_list else [naming.get("account_id")]
    known = frozenset(fields.account_ids(accounts)) if is_known else None
    return LoggedGrant(_name(urn) if urn else naming["name"], urn, is_list, known, _profile(naming))


def _profile(naming: Mapping[str, Any]) -> str | None:
    given = naming.get("profile")
    return None if given is None else fields.profile(given)


def _name(urn: str) -> str:
    return name_of(urn)


def _stack(urn: str) -> str:
    return "::".join(stack_of(urn))
