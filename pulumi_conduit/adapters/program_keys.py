"""Which resources the running program declares an object with, as its run file tells the provider process.

It is what the program said: the engine may have changed it since, so whatever has been checked is known better.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pulumi_conduit.adapters.run_file import read_run_file
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.ledger import Key, Kind
from pulumi_conduit.resources.places import Place
from pulumi_conduit.resources.run import Run

__all__ = ["ProgramKeys", "may_be_at"]


class _Declarer(NamedTuple):
    urn: str
    profile: Any


class ProgramKeys:
    """What the run file says, by object."""

    def __init__(self, run: Run) -> None:
        """Read nothing yet."""
        self._run = run
        self._read: tuple[str, Mapping[tuple[Kind, str], list[_Declarer]]] = ("", {})

    def declarers(self, key: Key, urn: str) -> list[str]:
        """Return the resources of the stack of `urn` that declare a key."""
        stack = _stack(urn)
        found = self._declared().get((key.kind, key.id), ())
        return [one.urn for one in found if _stack(one.urn) == stack and may_be_at(self._run, key, one.profile)]

    def _declared(self) -> Mapping[tuple[Kind, str], list[_Declarer]]:
        text, declared = self._read
        now = read_run_file(sys.argv[-1])  # the engine's address is the last argument of the server's command line
        if now != text:
            declared = _by_object(now)
            self._read = (now, declared)
        return declared


def may_be_at(run: Run, key: Key, profile: Any) -> bool:
    """Say whether a profile leads to where the key is; one that cannot be told counts so."""
    try:
        place = _place(run, key.kind, fields.profile(profile) if profile is not None else None)
    except (ConduitError, ValueError):
        return True
    return place is None or Key(place, key.kind, key.id) == key


def _place(run: Run, kind: Kind, profile: str | None) -> Place | None:
    if kind is Kind.COMPANY:
        return run.link_place(profile) if run.settings.has_link(profile) else None
    return run.conductor_place(profile) if run.settings.has_conductor(profile) else None


def _by_object(text: str) -> Mapping[tuple[Kind, str], list[_Declarer]]:
    latest = {note["urn"]: note for note in map(_note, text.splitlines()) if note}
    declared = defaultdict(list)
    for urn, note in latest.items():
        for one in _objects(note):
            declared[one].append(_Declarer(urn, note.get("profile")))
    return dict(declared)


def _note(line: str) -> dict[str, Any]:
    try:
        note = json.loads(line)
    except ValueError:
        return {}
    return note if isinstance(note, dict) and isinstance(note.get("urn"), str) else {}


def _objects(note: Mapping[str, Any]) -> list[tuple[Kind, str]]:
    """Return the objects that a resource declares; none where a check will refuse it."""
    try:
        return list(_named(note))
    except ValueError:
        return []


def _named(note: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    if "company_id" in note:
        yield Kind.COMPANY, fields.company_id(note["company_id"]).lower()
    if "email" in note:
        yield Kind.USER, fields.email(note["email"])
    if "user" in note and "account_ids" in note:
        yield Kind.GRANT_LIST, fields.email(note["user"])
    if "user" in note:
        accounts = note["account_ids"] if "account_ids" in note else [note.get("account_id")]
        for account in fields.account_ids(accounts):
            yield Kind.GRANT, f"{fields.email(note['user'])}:{account}"


def _stack(urn: str) -> list[str]:
    return urn.split("::")[:2]
