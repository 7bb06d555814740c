"""Resolves the entries of a roster to account ids: an id, a group, or the exact name of an account.

Names are looked up at the first one that is neither an id nor a group, and then once.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pulumi_conduit.errors import ConduitError, escaped
from pulumi_conduit.resources.fields import composed

if TYPE_CHECKING:
    from pulumi_conduit.roster.source import Position, Problems

__all__ = ["AccountEntry", "Accounts", "ListAccounts", "NamedAccount"]

_MOST_CANDIDATES = 5
_MOST_COMPARED = 100


class NamedAccount(Protocol):
    """An account from a look-up."""

    @property
    def account_id(self) -> int:
        """The id."""

    @property
    def name(self) -> str:
        """The name, which need not be the only one of its kind."""


ListAccounts = Callable[[], Iterable[NamedAccount]]


class AccountEntry(NamedTuple):
    """An id, or a name of something, as a roster has it."""

    at: Position
    meant: int | str


class Accounts:
    """Resolves entries to account ids."""

    def __init__(self, list_accounts: ListAccounts, problems: Problems) -> None:
        """Start without groups and without a look-up."""
        self._list_accounts = list_accounts
        self._problems = problems
        self._groups: dict[str, tuple[int, ...]] = {}
        self._by_name: Mapping[str, list[int]] | None = None
        self._is_blind = False
        self._near: dict[str, list[str]] = {}

    def add_groups(self, groups: Mapping[str, Iterable[AccountEntry]]) -> None:
        """Add all groups of ids and names of accounts; groups hold no groups."""
        # A group name must not resolve to an account, whatever the order in the file.
        self._groups = dict.fromkeys(groups, ())
        for name, entries in groups.items():
            self._groups[name] = tuple(one for entry in entries for one in self._within(entry))

    def ids(self, entries: Iterable[AccountEntry]) -> tuple[int, ...]:
        """Return the ids, ascending, without duplicates; an unknown entry is a problem."""
        return tuple(sorted({one for entry in entries for one in self._any(entry)}))

    def _any(self, entry: AccountEntry) -> tuple[int, ...]:
        group = self._groups.get(entry.meant) if isinstance(entry.meant, str) else None
        return self._single(entry) if group is None else group

    def _within(self, entry: AccountEntry) -> tuple[int, ...]:
        if entry.meant not in self._groups:
            return self._single(entry)
        self._problems.add(
            entry.at, f"accounts: '{escaped(str(entry.meant), 80)}' is a group, and groups cannot be nested"
        )
        return ()

    def _single(self, entry: AccountEntry) -> tuple[int, ...]:
        if isinstance(entry.meant, int):
            return (entry.meant,)
        known = self._known(entry)
        if known is None:
            return ()
        found = known.get(entry.meant, [])
        if len(found) != 1:
            self._problems.add(entry.at, self._miss(entry.meant, found, known))
        return tuple(found)

    def _known(self, entry: AccountEntry) -> Mapping[str, list[int]] | None:
        """Return the ids of every name; None if the look-up failed, which is reported once."""
        if self._by_name is None and not self._is_blind:
            try:
                self._by_name = _ids_by_name(self._list_accounts())
            except ConduitError as error:
                self._is_blind = True
                shown = escaped(str(entry.meant), 80)
                self._problems.add(entry.at, f"accounts: the account '{shown}' cannot be looked up: {error}")
        return self._by_name

    def _miss(self, name: str, found: list[int], known: Mapping[str, list[int]]) -> str:
        shown = f"accounts: '{escaped(name, 80)}'"
        if found:
            return f"{shown} is the name of {len(found)} accounts, {_listed(found)}; write the id of one"
        near = self._nearest(name, known)
        candidates = [_candidate(one, known) for one in near or sorted(known)[:_MOST_CANDIDATES]]
        lead = (
            "the nearest are" if near else "there are, among others," if len(known) > len(candidates) else "there are"
        )
        listed = f"; {lead} {', '.join(candidates)}" if candidates else ""
        return f"{shown} is neither a group nor an account that this identity owns{listed}"

    def _nearest(self, name: str, known: Mapping[str, list[int]]) -> list[str]:
        """Return the closest names; only for the first ones, because comparing with all names is slow."""
        if name not in self._near:
            is_asked_too_often = len(self._near) >= _MOST_COMPARED
            candidates = [] if is_asked_too_often else [*self._groups, *known]
            self._near[name] = difflib.get_close_matches(name, candidates, n=_MOST_CANDIDATES)
        return self._near[name]


def _ids_by_name(accounts: Iterable[NamedAccount]) -> Mapping[str, list[int]]:
    by_name: dict[str, list[int]] = defaultdict(list)
    for account in accounts:
        by_name[composed(account.name)].append(account.account_id)
    return dict(by_name)


def _candidate(name: str, known: Mapping[str, list[int]]) -> str:
    shown = f"'{escaped(name, 80)}'"
    return f"{shown} ({_listed(known[name])})" if name in known else f"{shown} (a group)"


def _listed(ids: list[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
