"""What the rosters of the running program give to other stacks, as its run file tells the provider process.

It is kept once it has been read, and read when the roster's shard is checked: in a plain run that is before anything is
deleted, and whatever becomes of the program then costs nobody access. A run that leaves the shard out reads it at the
delete. If the program has ended too early by then, nobody knows who is elsewhere, and no delete is made.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import Elsewhere, Key, Kind
from pulumi_conduit.resources.provider_context import Run
from pulumi_conduit.run_file import read_left_behind, read_run_file
from pulumi_conduit.server.declared_resources import may_be_at
from pulumi_conduit.urns import name_of, stack_of

__all__ = ["ShardKeys"]


class _Told(NamedTuple):
    profile: str | None
    homes: Mapping[tuple[Kind, str], Elsewhere]


class ShardKeys:
    """What is elsewhere, by stack and roster."""

    def __init__(self, run: Run) -> None:
        """Read nothing yet."""
        self._run = run
        self._lock = threading.Lock()
        self._text = ""
        self._told: dict[tuple[str, str, int], _Told] = {}  # by place in the file, too: a name may be used twice

    def elsewhere(self, key: Key, urn: str) -> Elsewhere | None:
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

    def is_heard(self, urn: str) -> bool:
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


def _homes(elsewhere: Mapping[str, Any]) -> Iterator[tuple[tuple[Kind, str], Elsewhere]]:
    for company_id, shard in elsewhere["companies"].items():
        yield (Kind.COMPANY, company_id), Elsewhere(shard)
    for email, (shard, accounts, is_exclusive) in elsewhere["people"].items():
        home = Elsewhere(shard, frozenset(accounts))
        yield (Kind.USER, email), home
        if is_exclusive:
            yield (Kind.GRANT_LIST, email), home
        for account in accounts:
            yield (Kind.GRANT, f"{email}:{account}"), home


def _stack(urn: str) -> str:
    return "::".join(stack_of(urn))
