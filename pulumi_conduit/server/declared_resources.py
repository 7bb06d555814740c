"""Which resources the running program declares an object with, and what its rosters give to other stacks."""

from __future__ import annotations

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import InOtherStack, Key, Kind
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.run_file import RunFileContent, read_left_behind, read_run_file, shown
from pulumi_conduit.server.engine_command import selection
from pulumi_conduit.urns import name_of, stack_of

__all__ = ["DeclaredResources", "DeclaredShards", "may_be_at"]

_NAMED_BY = {
    Kind.COMPANY: ("company_id", "company_id"),
    Kind.USER: ("email", "email"),
    Kind.GRANT_LIST: ("account_ids", "user"),
}
"""The property that only this kind has, and the one that names the object."""
_NAMES = ("company_id", "email", "user", "account_id", "account_ids", "profile")
_ANY = 0  # no profile has this name, so it may lead anywhere


class _Declarer(NamedTuple):
    urn: str
    profile: Any


class _Declared(NamedTuple):
    """What the notes say: who declares an object, and of whom nobody knows yet what it declares."""

    by_object: Mapping[tuple[Kind, str], list[_Declarer]]
    unknown: list[Mapping[str, Any]]


_NOTHING = _Declared({}, [])


class DeclaredResources:
    """What the run file says, by object.

    The file is looked for at each check until it is found, for then the program is sure to be alive; it stays open.
    """

    def __init__(self, run: ProviderContext) -> None:
        """Look for nothing yet."""
        self._run = run
        self._lock = threading.Lock()
        self._heard: RunFileContent | None = None
        self._is_running = False
        self._read: tuple[str, _Declared] = ("", _NOTHING)

    def hear(self) -> None:
        """Look for the program's file: a check is asked for, so that a program is running."""
        with self._lock:
            self._is_running = True
            self._find()

    def declarers(self, key: Key, urn: str) -> list[str]:
        """Return the resources of the stack of `urn` that declare a key, or may do so for all that is known.

        :raises RefusedError: where a program runs and cannot be heard, for then nobody knows what it declares.
        """
        stack, declared = stack_of(urn), self._declared(key)
        found = [(one.urn, one.profile) for one in declared.by_object.get((key.kind, key.id), ())]
        found += [(note["urn"], _profile(note)) for note in declared.unknown if _may_name(note, key)]
        return [one for one, profile in found if stack_of(one) == stack and may_be_at(self._run, key, profile)]

    def grants_left_out(self, user: Key, urn: str) -> list[str]:
        """Return the grants that the program declares, or may declare, for a user, and that this run leaves out."""
        with self._lock:
            declared, chosen = self._understood(self._text() or ""), selection()
        named = (those for (kind, name), those in declared.by_object.items() if _is_grant_of(kind, name, user.id))
        unknown = (one for one in declared.unknown if "user" in one and _may_be(one, "user", user.id))
        found = [*chain.from_iterable(named), *(_Declarer(one["urn"], _profile(one)) for one in unknown)]
        here = {
            one.urn for one in found if stack_of(one.urn) == stack_of(urn) and may_be_at(self._run, user, one.profile)
        }
        return sorted(one for one in here if chosen.leaves_out(one))

    def _declared(self, key: Key) -> _Declared:
        with self._lock:
            now = self._text()
            if now is None and self._is_running:
                raise RefusedError(
                    f"{key.kind.value} {key.id}: not deleted, for the program that runs cannot be heard, so that nobody"
                    " knows whether it declares this under another name; its notes should be in one of these folders,"
                    f" private to this user: {shown()}"
                )
            return self._understood(now or "")

    def _text(self) -> str | None:
        heard = self._find()
        return heard.text() if heard else None

    def _understood(self, text: str) -> _Declared:
        if text != self._read[0]:
            self._read = (text, _declared(text))
        return self._read[1]

    def _find(self) -> RunFileContent | None:
        if self._heard is None:
            self._heard = RunFileContent.find(sys.argv[-1])  # the engine's address is last on the server's command line
        return self._heard


def may_be_at(run: ProviderContext, key: Key, profile: Any) -> bool:
    """Say whether a profile leads to where the key is; one that cannot be told counts so."""
    try:
        tenant = _tenant(run, key.kind, fields.profile(profile) if profile is not None else None)
    except (ConduitError, ValueError):
        return True
    return tenant is None or Key(tenant, key.kind, key.id) == key


def _tenant(run: ProviderContext, kind: Kind, profile: str | None) -> Tenant | None:
    if kind is Kind.COMPANY:
        return run.sessions.link_tenant(profile) if run.settings.has_link(profile) else None
    return run.sessions.conductor_tenant(profile) if run.settings.has_conductor(profile) else None


def _declared(text: str) -> _Declared:
    latest = {note["urn"]: _without_ignored(note) for note in map(_note, text.splitlines()) if note}
    declared = defaultdict(list)
    for urn, note in latest.items():
        for one in _objects(note):
            declared[one].append(_Declarer(urn, note.get("profile")))
    return _Declared(dict(declared), [note for note in latest.values() if note.get("unknown")])


def _without_ignored(note: dict[str, Any]) -> dict[str, Any]:
    """Return a note without what the engine may keep an old value of: nobody knows that."""
    if not note.get("ignored"):
        return note
    names = [one for one in _NAMES if one in note and not (one == "user" and note["ignored"] == "accounts")]
    return {**note, **dict.fromkeys(names), "unknown": names}


def _is_grant_of(kind: Kind, name: str, email: str) -> bool:
    return kind is Kind.GRANT and name.rpartition(":")[0] == email


def _may_name(note: Mapping[str, Any], key: Key) -> bool:
    """Say whether a resource may declare an object for all that is known of what it declares."""
    if key.kind is not Kind.GRANT:
        kind, named = _NAMED_BY.get(key.kind, ("", ""))
        return kind in note and _may_be(note, named, key.id)
    user, _, account = key.id.rpartition(":")
    accounts = note["account_ids"] if "account_ids" in note else [note.get("account_id")]
    return "user" in note and _may_be(note, "user", user) and (accounts in (None, [None]) or int(account) in accounts)


def _may_be(note: Mapping[str, Any], name: str, value: str) -> bool:
    return note[name] is None or str(note[name]).lower() == value


def _profile(note: Mapping[str, Any]) -> Any:
    return _ANY if "profile" in note["unknown"] else note.get("profile")


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


class _Told(NamedTuple):
    profile: str | None
    homes: Mapping[tuple[Kind, str], InOtherStack]


class DeclaredShards:
    """What is elsewhere, by stack and roster."""

    def __init__(self, run: ProviderContext) -> None:
        """Read nothing yet."""
        self._run = run
        self._lock = threading.Lock()
        self._text = ""
        self._told: dict[tuple[str, str, int], _Told] = {}  # by place in the file, too: a name may be used twice

    def other_stack(self, key: Key, urn: str) -> InOtherStack | None:
        """Return which other stack the rosters of the stack of `urn` give a key to.

        :raises RefusedError: where the program that could say so has ended too early.
        """
        stack = _stack(urn)
        told = self._of_stack(stack)
        if not told and any(note["stack"] == stack for note in _notes(read_left_behind(sys.argv[-1]))):
            raise RefusedError(
                f"{key.kind.value} {key.id}: not deleted, for the program has ended before it could be asked which"
                " other stack of its roster has it; run again"
            )
        found = ((one.homes.get((key.kind, key.id)), one.profile) for one in told)
        return next((home for home, profile in found if home and may_be_at(self._run, key, profile)), None)

    def is_known(self, urn: str) -> bool:
        """Say whether the roster whose shard this is has told; what it told is kept."""
        with self._lock:
            self._read()
            return any((stack, roster) == (_stack(urn), name_of(urn)) for stack, roster, _ in self._told)

    def _of_stack(self, stack: str) -> list[_Told]:
        with self._lock:
            self._read()
            return [told for (one, _, _), told in self._told.items() if one == stack]

    def _read(self) -> None:
        """Keep what is told so far; a program that has ended tells nothing, and takes nothing back."""
        text = read_run_file(sys.argv[-1])
        if text in ("", self._text):
            return
        self._text = text
        for number, note in enumerate(_notes(text)):
            told = _Told(note["profile"], dict(_homes(note["elsewhere"])))
            self._told[note["stack"], note["roster"], number] = told


def _notes(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if '"elsewhere"' not in line:
            continue
        try:
            note = json.loads(line)
        except ValueError:
            continue
        if isinstance(note, dict) and note.keys() >= {"elsewhere", "roster", "stack", "profile"}:
            yield note


def _homes(elsewhere: Mapping[str, Any]) -> Iterator[tuple[tuple[Kind, str], InOtherStack]]:
    for company_id, shard in elsewhere["companies"].items():
        yield (Kind.COMPANY, company_id), InOtherStack(shard)
    for email, (shard, accounts, is_exclusive) in elsewhere["people"].items():
        home = InOtherStack(shard, frozenset(accounts))
        yield (Kind.USER, email), home
        if is_exclusive:
            yield (Kind.GRANT_LIST, email), home
        for account in accounts:
            yield (Kind.GRANT, f"{email}:{account}"), home


def _stack(urn: str) -> str:
    return "::".join(stack_of(urn))
