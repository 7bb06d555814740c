"""Which accounts a plan gives to a person and takes away, by the provider's rules, over all profiles of one tenant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.resources.account_access_exclusive.model import taken_with_list
from pulumi_conduit.warnings import ADOPT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.cli.report.changes import Change
    from pulumi_conduit.cli.report.objects import AccessObject, UserObject

__all__ = ["AccessChange", "PersonHistory", "Tenants"]


class Tenants:
    """Where the profiles of a plan lead."""

    def __init__(self, moves: Iterable[Change[Any]]) -> None:
        """Learn it from states; from what the preview says only of a profile that no state has."""
        recorded: dict[str, set[str]] = defaultdict(set)
        said: dict[str, set[str]] = defaultdict(set)
        for move in moves:
            if move.before and move.before.url:
                recorded[move.before.profile].add(move.before.url)
            if move.before and move.before.url and move.after:  # another tenant would be a replacement
                recorded[move.after.profile].add(move.before.url)
            if move.after:
                said[move.after.profile] |= move.said.urls
        self._urls = {**said, **recorded}

    def of(self, move: Change[Any]) -> str:
        """Return the tenant that a move is about."""
        if move.before and move.before.url:
            return str(move.before.url)
        one = move.before or move.after
        assert one is not None  # noqa: S101 - a move has a side
        urls = self._urls.get(one.profile, set())
        return next(iter(urls)) if len(urls) == 1 else str(one.profile)


_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


@dataclass
class PersonHistory:
    """What a plan holds of one person."""

    users: list[Change[UserObject]] = field(default_factory=list)
    grants: list[Change[AccessObject]] = field(default_factory=list)
    lists: list[Change[AccessObject]] = field(default_factory=list)

    @property
    def user(self) -> UserObject | None:
        """Return the person as declared after the plan."""
        return next((move.after for move in self.users if move.after), None)

    @property
    def was(self) -> UserObject | None:
        """Return the person as recorded before it."""
        return next((move.before for move in self.users if move.before), None)

    @property
    def made(self) -> Change[UserObject] | None:
        """Return the move that makes the person, or finds it."""
        return next((move for move in self.users if move.before is None), None)

    @property
    def access(self) -> list[Change[AccessObject]]:
        """Return the moves of grants of either kind."""
        return [*self.grants, *self.lists]


class AccessChange:
    """One person's accounts before and after a plan, while the person is ACTIVE."""

    def __init__(self, file: PersonHistory, fates: tuple[PersonChange, ...], *, is_blind: bool) -> None:
        """Judge one person; `is_blind` says that nothing was compared with what lives."""
        self._file, self._fates, self._is_blind = file, fates, is_blind
        self._recorded = _union(move.before for move in file.access)
        self._declared = _union(move.after for move in file.access)
        self._granted = _union(move.after for move in file.grants)
        self._has_list = any(move.after for move in file.lists)

    def before(self) -> _Accounts:
        """Return the accounts that the person has, as far as states show and the preview has not seen otherwise."""
        file, was = self._file, self._file.was
        listed = any(move.before for move in file.lists)
        is_known = was is not None and not listed and PersonChange.CREATED not in self._fates
        initial = was.initial if was and is_known else _NONE
        imported = _union(move.after for move in file.access if _is_imported(move))
        return (self._recorded | initial) - self._comes() - self._given_again() | imported

    def given(self) -> _Accounts:
        """Return the accounts that the plan says the person has after it."""
        restored: _Accounts = frozenset().union(*(move.said.restored for move in self._file.users))
        comes = {PersonChange.CREATED, PersonChange.REACTIVATED, PersonChange.TAKEN_OVER}.intersection(self._fates)
        user = self._file.user
        # A list decides over first accounts; an import writes nothing.
        is_initial = user is not None and comes and not self._has_list and not user.is_imported
        initial = user.initial if user and is_initial else _NONE
        return self._declared | initial | (restored if PersonChange.REACTIVATED in self._fates else _NONE)

    def revoked(self) -> _Accounts:
        """Return what is taken away account by account: what the provider will count, and may have to."""
        said = [*(move.said for move in self._file.users), *(move.said for move in self._file.lists)]
        told = frozenset[int]().union(*(one.removed for one in said))
        single = _union(move.before for move in self._file.grants if move.after is None and move.is_asked)
        if self._has_list:
            initial = self._file.was.initial if self._file.was and self._is_blind else _NONE
            return told | ((self._recorded | initial | single) - _union(move.after for move in self._file.lists))
        return told | (single - self._granted) | (self._listed() - self._granted)

    def spared(self) -> _Accounts:
        """Return what a list that goes leaves to the person, if that holds nothing else by then."""
        if self._has_list:
            return _NONE
        listed = self._listed()
        initial = self._file.user.initial if self._file.user else self._initial_of_lists()
        held = self._recorded | self._granted
        return listed - self._granted - taken_with_list(listed, self._granted, held, initial)

    def kept(self) -> _Accounts:
        """Return what stays within reach although its grant leaves the program: nobody is asked to take it away."""
        gone = _union(move.before for move in self._file.access if move.after is None and not move.is_asked)
        return gone - self._declared - self.revoked()

    def found(self) -> _Accounts:
        """Return the accounts that the preview has seen with the person, and that no state of the plan has."""
        is_found = [move for move in self._file.access if _is_adoption(move)]
        return frozenset[int]().union(*map(_found, is_found)) - self._recorded

    def adoptions(self) -> int:
        """Count the grants and lists that exist and that no state of the plan has."""
        return sum(not _found(move) & self._recorded for move in self._file.access if _is_adoption(move))

    def _comes(self) -> _Accounts:
        """Return what grants and lists that are made give, but for what a state has and the preview has seen."""
        made = _union(move.after for move in self._file.access if move.before is None and not _is_imported(move))
        seen = _union(move.after for move in self._file.grants if _is_adoption(move) and move.said.has(ADOPT))
        listed = frozenset[int]().union(*(move.said.held for move in self._file.lists))
        return made - ((seen | listed) & self._recorded)

    def _given_again(self) -> _Accounts:
        return frozenset[int]().union(*(move.said.given for move in self._file.access)) & self._declared

    def _listed(self) -> _Accounts:
        return _union(move.before for move in self._file.lists if move.after is None and move.is_asked)

    def _initial_of_lists(self) -> _Accounts:
        gone = [move.before for move in self._file.lists if move.after is None and move.is_asked]
        return frozenset[int]().union(*(one.initial for one in gone if one is not None))


def _is_adoption(move: Change[AccessObject]) -> bool:
    return move.before is None and (move.said.has(ADOPT) or _is_imported(move) or move.was_read)


def _is_imported(move: Change[AccessObject]) -> bool:
    """Say whether the program imports it: that never writes, and fails where it is not there."""
    return bool(move.after and move.after.is_imported)


def _found(move: Change[AccessObject]) -> _Accounts:
    """Return the accounts of a grant or list that exists; of a list those that the preview names, where it does."""
    assert move.after is not None  # noqa: S101 - it is made
    return move.said.held or move.after.accounts


def _union(parts: Iterable[AccessObject | None]) -> _Accounts:
    return frozenset().union(*(part.accounts for part in parts if part is not None))
