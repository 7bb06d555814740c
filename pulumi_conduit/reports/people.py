"""What a plan does to each person: who is created, taken over, brought back or deactivated, and who reaches what.

The rules are those of the provider: what a rename keeps, what a linked grant loses with its user, what an exclusive
list takes away. Knows moves, and no report.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserType
from pulumi_conduit.reports.person import Fate, Person
from pulumi_conduit.resources.lifecycle import REACTIVATE, TAKEOVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pulumi_conduit.reports.moves import Move, Moves
    from pulumi_conduit.reports.objects import Access, User

__all__ = ["people_of"]

_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


def people_of(moves: Moves) -> list[Person]:
    """Return everybody whom the plan names, by email."""
    files: dict[tuple[str, str], _File] = defaultdict(_File)
    for user in moves.users:
        files[_key(user)].users.append(user)
    for grant in moves.grants:
        files[_key(grant)].grants.append(grant)
    for one in moves.lists:
        files[_key(one)].lists.append(one)
    return [_Judged(key, files[key], is_blind=moves.unverified is not None).person() for key in sorted(files)]


def _key(move: Move[User] | Move[Access]) -> tuple[str, str]:
    one = move.before or move.after
    assert one is not None  # noqa: S101 - a move has a side
    return one.email, one.profile


@dataclass
class _File:
    """What a plan holds of one person."""

    users: list[Move[User]] = field(default_factory=list)
    grants: list[Move[Access]] = field(default_factory=list)
    lists: list[Move[Access]] = field(default_factory=list)


class _Judged:
    """One person's moves, judged; `is_blind` says that nothing was compared with what lives."""

    def __init__(self, key: tuple[str, str], file: _File, *, is_blind: bool) -> None:
        self._email, self._profile = key
        self._file, self._is_blind = file, is_blind
        self._user = next((move.after for move in file.users if move.after), None)
        self._was = next((move.before for move in file.users if move.before), None)
        self._fates = tuple(fate for fate in Fate if fate in self._all_fates())

    def person(self) -> Person:
        held, given = self._held(), self._given()
        revoked = self._revoked(held)
        left = (held - revoked) | given
        shown = self._user or self._was
        is_active = self._user.is_active if self._user else not (self._was_off or Fate.DEACTIVATED in self._fates)
        return Person(
            self._email,
            self._profile,
            name=shown.name if shown else "",
            type=shown.type if shown else "",
            is_active=is_active and not self._stays_off,
            fates=self._fates,
            before=_NONE if self._was_off else held,
            after=left if is_active and not self._stays_off else _NONE,
            revoked=revoked,
            kept=self._kept() - given - revoked,
            takeovers=self._takeovers(),
        )

    # What happens to the person.

    @property
    def _made(self) -> Move[User] | None:
        return next((move for move in self._file.users if move.before is None), None)

    @property
    def _is_back(self) -> bool:
        return Fate.REACTIVATED in self._fates

    @property
    def _was_off(self) -> bool:
        """Say whether the person was INACTIVE, as the state or the preview's own look has it."""
        is_found_off = self._user is not None and not self._user.is_active and Fate.DEACTIVATED not in self._fates
        return self._is_back or self._stays_off or is_found_off or bool(self._was and not self._was.is_active)

    @property
    def _stays_off(self) -> bool:
        """Say whether a deactivation made outside stands."""
        return self._is_held_by_its_plan or bool(self._was and self._was.is_held and not self._is_back)

    @property
    def _is_held_by_its_plan(self) -> bool:
        """Say whether a new resource adopts the person INACTIVE, or the delete of the old one sets it so again."""
        if self._made is None or self._user is None or not self._user.is_active:
            return False
        applied = [move for move in self._file.users if move.before and (move.before.is_active or move.before.is_held)]
        is_set_again = self._made.said.has(REACTIVATE) and any(move.is_asked for move in applied)
        return self._made.said.tells("is INACTIVE and stays so") or is_set_again

    def _all_fates(self) -> set[Fate]:
        if self._made and self._was is None:
            return self._fates_of_new(self._made)
        if self._user is None:
            return self._fates_of_gone()
        fates = {Fate.RENAMED, *self._told(self._made)} if self._made else set()
        return fates | self._transitions()

    def _fates_of_new(self, made: Move[User]) -> set[Fate]:
        assert made.after is not None  # noqa: S101 - it is made
        said = made.said
        if said.has(REACTIVATE):
            return {Fate.REACTIVATED, *self._told(made)}
        if said.has(TAKEOVER) or made.after.is_imported:
            return {Fate.TAKEN_OVER, *self._told(made)}
        return {Fate.CREATED}

    def _told(self, made: Move[User]) -> set[Fate]:
        """Return what the preview's own look says will be set, whatever the state holds."""
        assert made.after is not None  # noqa: S101 - it is made
        fates = {Fate.DEACTIVATED} if made.said.tells("set INACTIVE", "set it INACTIVE") else set()
        if made.said.tells("set its type"):
            fates.add(Fate.PROMOTED if made.after.type == UserType.STANDARD.value else Fate.DEMOTED)
        return fates

    def _fates_of_gone(self) -> set[Fate]:
        gone = [move for move in self._file.users if move.before]
        if not gone:
            return set()
        is_deactivated = any(
            move.is_asked and move.before and move.before.is_active and move.before.on_destroy != "retain"
            for move in gone
        )
        return {Fate.DEACTIVATED if is_deactivated else Fate.FORGOTTEN}

    def _transitions(self) -> set[Fate]:
        before, after = self._was, self._user
        assert before is not None  # noqa: S101 - both sides are there
        assert after is not None  # noqa: S101 - likewise
        fates = set()
        if before.type != after.type:
            fates.add(Fate.PROMOTED if after.type == UserType.STANDARD.value else Fate.DEMOTED)
        if before.is_active and not after.is_active:
            fates.add(Fate.DEACTIVATED)
        if self._is_held_by_its_plan:
            return fates
        is_told = any(move.said.has(REACTIVATE) for move in self._file.users)
        comes_back = not before.is_active and after.is_active and (not before.is_held or self._made is not None)
        return fates | ({Fate.REACTIVATED} if is_told or comes_back else set())

    # Who reaches what.

    def _held(self) -> _Accounts:
        """Return the accounts that the person has before, as far as states and warnings show."""
        listed = _union(move.before for move in self._file.lists)
        known = listed | _union(move.before for move in self._file.grants) | self._found()
        is_listed = any(move.before for move in self._file.lists)
        return known if is_listed or self._was is None else known | self._was.initial

    def _found(self) -> _Accounts:
        """Return the accounts that grants and lists of the plan find there."""
        found = {move for move in self._file.grants if move.after and _is_takeover(move)}
        return _union(move.after for move in found) | frozenset().union(*(move.said.held for move in self._file.lists))

    def _given(self) -> _Accounts:
        """Return the accounts that the person has after the plan because it says so."""
        given = _union(move.after for move in (*self._file.grants, *self._file.lists))
        if self._is_back:
            given |= frozenset().union(*(move.said.restored for move in self._file.users))
        is_listed = any(move.after for move in self._file.lists)  # a list decides over a reactivation
        comes = {Fate.CREATED} if is_listed else {Fate.CREATED, Fate.REACTIVATED}
        is_initial = self._user is not None and comes & set(self._fates)
        return given | self._user.initial if self._user and is_initial else given

    def _revoked(self, held: _Accounts) -> _Accounts:
        """Return what is taken away account by account, as the provider counts it."""
        told: _Accounts = frozenset().union(
            *(move.said.removed for move in self._file.users), *(move.said.removed for move in self._file.lists)
        )
        granted = _union(move.after for move in self._file.grants)
        listed = [move.after for move in self._file.lists if move.after]
        single = _union(move.before for move in self._file.grants if move.after is None and move.is_asked)
        if listed:
            known = held if self._is_blind else held & self._recorded()
            return told | ((known | single) - _union(listed))
        return told | (single - granted) | self._taken_with_list(held, granted)

    def _recorded(self) -> _Accounts:
        """Return what grants and lists of the state hold; initial accounts may have been taken since."""
        return _union(move.before for move in (*self._file.grants, *self._file.lists))

    def _taken_with_list(self, held: _Accounts, granted: _Accounts) -> _Accounts:
        """Return what goes with a list; a user that would be left with nothing keeps its initial accounts."""
        gone = [move.before for move in self._file.lists if move.after is None and move.is_asked]
        taken = _union(gone) - granted
        if taken == held:
            taken -= self._user.initial if self._user else _initial(gone)
        return taken

    def _kept(self) -> _Accounts:
        """Return what stays within reach although its grant leaves the program: nobody is asked to take it away."""
        if Fate.DEACTIVATED in self._fates or (self._user is None and self._was_off):
            return _NONE
        return _union(
            move.before for move in (*self._file.grants, *self._file.lists) if move.after is None and not move.is_asked
        )

    def _takeovers(self) -> int:
        recorded = self._recorded()
        grants = [] if self._is_back else [move for move in self._file.grants if _is_takeover(move)]
        lists = [move for move in self._file.lists if _is_takeover(move)]
        new = [move for move in (*grants, *lists) if move.after and not (move.after.accounts & recorded)]
        return len(new) + (Fate.TAKEN_OVER in self._fates)


def _is_takeover(move: Move[Access]) -> bool:
    return move.before is None and (move.said.has(TAKEOVER) or bool(move.after and move.after.is_imported))


def _union(parts: Iterable[Access | None]) -> _Accounts:
    return frozenset().union(*(part.accounts for part in parts if part is not None))


def _initial(lists: Sequence[Access | None]) -> _Accounts:
    return frozenset().union(*(one.initial for one in lists if one is not None))
