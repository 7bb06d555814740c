"""What a plan does to each person: who is created, taken over, brought back or deactivated, and who reaches what.

The rules are those of the provider: what a rename keeps, who stays INACTIVE. Knows moves, and no report.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.access import AccessChange, PersonHistory, Tenants
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.enums import UserType
from pulumi_conduit.warnings import ADOPT, REACTIVATE

if TYPE_CHECKING:
    from pulumi_conduit.cli.report.changes import Change, Changes
    from pulumi_conduit.cli.report.objects import AccessObject, UserObject

__all__ = ["people_of"]

_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


def people_of(moves: Changes) -> list[PersonReport]:
    """Return everybody whom the plan names, by email."""
    tenants = Tenants([*moves.users, *moves.grants, *moves.lists])
    files: dict[tuple[str, str], PersonHistory] = defaultdict(PersonHistory)
    for user in moves.users:
        files[_email(user), tenants.of(user)].users.append(user)
    for grant in moves.grants:
        files[_email(grant), tenants.of(grant)].grants.append(grant)
    for one in moves.lists:
        files[_email(one), tenants.of(one)].lists.append(one)
    return [_Judged(files[key], is_blind=moves.unverified is not None).person() for key in sorted(files)]


def _email(move: Change[UserObject] | Change[AccessObject]) -> str:
    one = move.before or move.after
    assert one is not None  # noqa: S101 - a move has a side
    return one.email


class _Judged:
    """One person's moves, judged; `is_blind` says that nothing was compared with what lives."""

    def __init__(self, file: PersonHistory, *, is_blind: bool) -> None:
        self._file = file
        self._user, self._was, self._made = file.user, file.was, file.made
        found = self._all_fates()
        self._fates = tuple(fate for fate in PersonChange if fate in found)
        self._reach = AccessChange(file, self._fates, is_blind=is_blind)

    def person(self) -> PersonReport:
        reach, shown = self._reach, self._user or self._was
        revoked, any_side = reach.revoked(), self._any_side()
        is_gone = self._user is None and (PersonChange.DEACTIVATED in self._fates or self._was_recorded_off)
        return PersonReport(
            any_side.email,
            any_side.profile,
            name=shown.name if shown else "",
            type=shown.type if shown else "",
            was_active=not self._was_recorded_off,
            is_active=self._is_active,
            fates=self._fates,
            before=_NONE if self._was_off else reach.before(),
            after=self._after(revoked - reach.spared()),
            revoked=revoked,
            kept=_NONE if is_gone else reach.kept(),
            found=reach.found(),
            adoptions=reach.adoptions() + (PersonChange.TAKEN_OVER in self._fates),
        )

    def _any_side(self) -> UserObject | AccessObject:
        users, access = self._file.users, self._file.access
        declared = [*(move.after for move in users), *(move.after for move in access)]
        recorded = [*(move.before for move in users), *(move.before for move in access)]
        return next(one for one in (*declared, *recorded) if one)

    def _after(self, taken: _Accounts) -> _Accounts:
        """Return what is within reach after the plan.

        Of somebody whom a state calls INACTIVE, and whom this plan does not make so, only what comes: somebody else may
        have set the person ACTIVE since.
        """
        before, given = self._reach.before(), self._reach.given()
        if self._is_active:
            return (before - taken) | given
        return _NONE if self._is_proven_off else given - before

    # Whether the person has access.

    @property
    def _is_active(self) -> bool:
        if self._user is None:
            return not (self._was_recorded_off or PersonChange.DEACTIVATED in self._fates)
        return self._user.is_active and not self._stays_off

    @property
    def _was_recorded_off(self) -> bool:
        """Say whether the person was INACTIVE by its state, or is found so by whoever declares it INACTIVE."""
        is_found_off = (
            self._user is not None and not self._user.is_active and PersonChange.DEACTIVATED not in self._fates
        )
        return is_found_off or bool(self._was and not self._was.is_active)

    @property
    def _was_off(self) -> bool:
        """Say whether the person was INACTIVE, as the state or the preview's own look has it."""
        is_held = self._stays_off and PersonChange.DEACTIVATED not in self._fates
        return is_held or PersonChange.REACTIVATED in self._fates or self._was_recorded_off

    @property
    def _is_proven_off(self) -> bool:
        """Say whether the plan itself leaves the person INACTIVE, whatever has happened since the state was written."""
        if self._user is None:
            return PersonChange.DEACTIVATED in self._fates
        is_set = self._made is not None or bool(self._was and self._was.is_active)
        return not self._user.is_active and is_set

    @property
    def _stays_off(self) -> bool:
        """Say whether a deactivation made outside stands."""
        is_held = bool(self._was and self._was.is_held and PersonChange.REACTIVATED not in self._fates)
        return self._is_held_by_its_plan or is_held

    @property
    def _is_held_by_its_plan(self) -> bool:
        """Say whether a new resource adopts the person INACTIVE, or the delete of the old one sets it so again.

        Only where a state has had the person ACTIVE last: else nobody but the program holds it off.
        """
        if self._made is None or self._user is None or not self._user.is_active:
            return False
        applied = [move for move in self._file.users if move.before and (move.before.is_active or move.before.is_held)]
        if self._made.said.has(REACTIVATE):
            return any(move.is_asked for move in applied)
        return self._made.said.leaves_off and bool(applied)

    # What happens to the person.

    def _all_fates(self) -> set[PersonChange]:
        if self._user is None:
            return self._fates_of_gone()
        if self._made and not self._is_renamed(self._made):
            fates = self._fates_of_new(self._made)
        else:
            fates = {PersonChange.RENAMED} if self._made else set()
        return fates | self._told() | (self._transitions(self._was, self._user) if self._was else set())

    def _is_renamed(self, made: Change[UserObject]) -> bool:
        """Say whether a state of the plan has the person, and the preview has seen it."""
        is_seen = made.said.has(ADOPT) or made.said.has(REACTIVATE) or bool(made.after and made.after.is_imported)
        return self._was is not None and is_seen

    def _fates_of_new(self, made: Change[UserObject]) -> set[PersonChange]:
        is_there = made.said.has(ADOPT) or made.was_read or bool(made.after and made.after.is_imported)
        is_back = made.said.has(REACTIVATE) and bool(made.after and made.after.is_active)
        fates = {PersonChange.REACTIVATED} if is_back else set()
        return fates | ({PersonChange.TAKEN_OVER} if is_there else set()) or {PersonChange.CREATED}

    def _told(self) -> set[PersonChange]:
        """Return what the preview's own look says will be set, whatever the state holds."""
        said = [move.said for move in self._file.users]
        types = set().union(*(one.types for one in said))
        fates = {PersonChange.PROMOTED if one == UserType.STANDARD.value else PersonChange.DEMOTED for one in types}
        return fates | ({PersonChange.DEACTIVATED} if any(one.deactivates for one in said) else set())

    def _fates_of_gone(self) -> set[PersonChange]:
        gone = [move for move in self._file.users if move.before]
        if not gone:
            return set()
        is_deactivated = any(
            move.is_asked and move.before and move.before.is_active and move.before.on_destroy != "retain"
            for move in gone
        )
        return {PersonChange.DEACTIVATED if is_deactivated else PersonChange.FORGOTTEN}

    def _transitions(self, before: UserObject, after: UserObject) -> set[PersonChange]:
        fates = set()
        if before.type != after.type:
            fates.add(PersonChange.PROMOTED if after.type == UserType.STANDARD.value else PersonChange.DEMOTED)
        if (before.is_active and not after.is_active) or self._is_set_off_again(before, after):
            fates.add(PersonChange.DEACTIVATED)
        is_told = any(move.said.has(REACTIVATE) for move in self._file.users)
        comes_back = not before.is_active and after.is_active and (not before.is_held or self._made is not None)
        is_back = (is_told or comes_back) and not self._is_held_by_its_plan and PersonChange.DEACTIVATED not in fates
        return fates | ({PersonChange.REACTIVATED} if is_back else set())

    def _is_set_off_again(self, before: UserObject, after: UserObject) -> bool:
        """Say whether somebody has lifted a deactivation, and the delete of a renamed resource sets it again."""
        is_asked = any(move.is_asked for move in self._file.users if move.before)
        is_found = self._made is not None and self._made.said.has(ADOPT) and not self._made.said.leaves_off
        return before.is_held and after.is_active and is_asked and is_found
