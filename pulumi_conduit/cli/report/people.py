"""The effects of a plan on each person: created, adopted, reactivated or deactivated, and the accounts afterwards.

The rules are the provider's: what a rename keeps, who stays INACTIVE.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.person import AccessChange, PersonChange, PersonHistory, PersonReport, Tenants
from pulumi_conduit.enums import UserType
from pulumi_conduit.warnings import ADOPT, REACTIVATE

if TYPE_CHECKING:
    from pulumi_conduit.cli.report.changes import AccessObject, Change, Changes, UserObject

__all__ = ["people_of"]

_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


def people_of(changes: Changes) -> list[PersonReport]:
    """Return all people in the plan, by email."""
    tenants = Tenants([*changes.users, *changes.grants, *changes.lists])
    histories: dict[tuple[str, str], PersonHistory] = defaultdict(PersonHistory)
    for user in changes.users:
        histories[_email(user), tenants.of(user)].users.append(user)
    for grant in changes.grants:
        histories[_email(grant), tenants.of(grant)].grants.append(grant)
    for one in changes.lists:
        histories[_email(one), tenants.of(one)].lists.append(one)
    return [
        _PersonEvaluator(histories[key], is_unverified=changes.unverified is not None).person()
        for key in sorted(histories)
    ]


def _email(change: Change[UserObject] | Change[AccessObject]) -> str:
    one = change.before or change.after
    assert one is not None  # noqa: S101 - a change has a before or an after
    return one.email


class _PersonEvaluator:
    """Evaluates one person's changes; `is_unverified` means that nothing was compared with the APIs."""

    def __init__(self, history: PersonHistory, *, is_unverified: bool) -> None:
        self._history = history
        self._user, self._was, self._created = history.user, history.was, history.created
        found = self._all_effects()
        self._effects = tuple(effect for effect in PersonChange if effect in found)
        self._reach = AccessChange(history, self._effects, is_unverified=is_unverified)

    def person(self) -> PersonReport:
        reach, shown = self._reach, self._user or self._was
        revoked, any_side = reach.revoked(), self._any_side()
        is_gone = self._user is None and (PersonChange.DEACTIVATED in self._effects or self._was_recorded_inactive)
        return PersonReport(
            any_side.email,
            any_side.profile,
            name=shown.name if shown else "",
            type=shown.type if shown else "",
            was_active=not self._was_recorded_inactive,
            is_active=self._is_active,
            effects=self._effects,
            before=_NONE if self._was_inactive else reach.before(),
            after=self._after(revoked - reach.kept_initial()),
            revoked=revoked,
            kept=_NONE if is_gone else reach.kept(),
            found=reach.found(),
            adoptions=reach.adoptions() + (PersonChange.ADOPTED in self._effects),
            was_adopted=bool(self._was and self._was.is_adopted),
            is_removed=self._was is not None and self._user is None,
        )

    def _any_side(self) -> UserObject | AccessObject:
        users, access = self._history.users, self._history.access
        declared = [*(change.after for change in users), *(change.after for change in access)]
        recorded = [*(change.before for change in users), *(change.before for change in access)]
        return next(one for one in (*declared, *recorded) if one)

    def _after(self, taken: _Accounts) -> _Accounts:
        """Return the accounts after the plan.

        For a person who is INACTIVE in the state, and not set so by this plan, only the added ones: the person may have
        been set ACTIVE outside Pulumi.
        """
        before, given = self._reach.before(), self._reach.given()
        if self._is_active:
            return (before - taken) | given
        return _NONE if self._is_set_inactive else given - before

    # Whether the person has access.

    @property
    def _is_active(self) -> bool:
        if self._user is None:
            return not (self._was_recorded_inactive or PersonChange.DEACTIVATED in self._effects)
        return self._user.is_active and not self._stays_inactive

    @property
    def _was_recorded_inactive(self) -> bool:
        """Return whether the person was INACTIVE in the state, or is declared and found INACTIVE."""
        is_found_inactive = (
            self._user is not None and not self._user.is_active and PersonChange.DEACTIVATED not in self._effects
        )
        return is_found_inactive or bool(self._was and not self._was.is_active)

    @property
    def _was_inactive(self) -> bool:
        """Return whether the person was INACTIVE, by the state or the preview's warnings."""
        is_kept_inactive = self._stays_inactive and PersonChange.DEACTIVATED not in self._effects
        return is_kept_inactive or PersonChange.REACTIVATED in self._effects or self._was_recorded_inactive

    @property
    def _is_set_inactive(self) -> bool:
        """Return whether the plan itself sets the person INACTIVE, whatever changed since the state was written."""
        if self._user is None:
            return PersonChange.DEACTIVATED in self._effects
        is_set = self._created is not None or bool(self._was and self._was.is_active)
        return not self._user.is_active and is_set

    @property
    def _stays_inactive(self) -> bool:
        """Return whether a deactivation made outside Pulumi is kept."""
        is_kept_inactive = bool(
            self._was and self._was.is_kept_inactive and PersonChange.REACTIVATED not in self._effects
        )
        return self._is_kept_inactive_by_its_plan or is_kept_inactive

    @property
    def _is_kept_inactive_by_its_plan(self) -> bool:
        """Return whether a new resource adopts the person INACTIVE.

        Only if the state had the person ACTIVE last: otherwise the program itself declares it INACTIVE. One that
        reactivates the person counts as that, although the delete of the old one takes it back: a run may fail between.
        """
        if self._created is None or self._user is None or not self._user.is_active:
            return False
        recorded = (change.before for change in self._history.users if change.before)
        was_applied_active = any(one.is_active or one.is_kept_inactive for one in recorded)
        return self._created.warnings.stays_inactive and was_applied_active

    # What happens to the person.

    def _all_effects(self) -> set[PersonChange]:
        if self._user is None:
            return self._effects_of_removal()
        if self._created and not self._is_renamed(self._created):
            effects = self._effects_of_creation(self._created)
        else:
            effects = {PersonChange.RENAMED} if self._created else set()
        return effects | self._announced_effects() | (self._transitions(self._was, self._user) if self._was else set())

    def _is_renamed(self, created: Change[UserObject]) -> bool:
        """Return whether a state of the plan has the person, and the preview has found it."""
        is_seen = (
            created.warnings.has(ADOPT)
            or created.warnings.has(REACTIVATE)
            or bool(created.after and created.after.is_imported)
        )
        return self._was is not None and is_seen

    def _effects_of_creation(self, created: Change[UserObject]) -> set[PersonChange]:
        is_there = created.warnings.has(ADOPT) or created.was_read or bool(created.after and created.after.is_imported)
        is_reactivated = created.warnings.has(REACTIVATE) and bool(created.after and created.after.is_active)
        effects = {PersonChange.REACTIVATED} if is_reactivated else set()
        return effects | ({PersonChange.ADOPTED} if is_there else set()) or {PersonChange.CREATED}

    def _announced_effects(self) -> set[PersonChange]:
        """Return the effects that the preview's warnings announce, whatever the state records."""
        warnings = [change.warnings for change in self._history.users]
        types = set().union(*(one.types for one in warnings))
        effects = {PersonChange.PROMOTED if one == UserType.STANDARD.value else PersonChange.DEMOTED for one in types}
        return effects | ({PersonChange.DEACTIVATED} if any(one.deactivates for one in warnings) else set())

    def _effects_of_removal(self) -> set[PersonChange]:
        removed = [change for change in self._history.users if change.before]
        if not removed:
            return set()
        is_deactivated = any(
            change.is_asked and change.before and change.before.is_active and change.before.on_destroy != "retain"
            for change in removed
        )
        return {PersonChange.DEACTIVATED if is_deactivated else PersonChange.UNMANAGED}

    def _transitions(self, before: UserObject, after: UserObject) -> set[PersonChange]:
        effects = set()
        if before.type != after.type:
            effects.add(PersonChange.PROMOTED if after.type == UserType.STANDARD.value else PersonChange.DEMOTED)
        if (before.is_active and not after.is_active) or self._is_deactivated_again(before, after):
            effects.add(PersonChange.DEACTIVATED)
        is_warned = after.is_active and any(change.warnings.has(REACTIVATE) for change in self._history.users)
        is_set_active = (
            not before.is_active and after.is_active and (not before.is_kept_inactive or self._created is not None)
        )
        is_left = self._is_kept_inactive_by_its_plan or PersonChange.DEACTIVATED in effects
        return effects | ({PersonChange.REACTIVATED} if is_warned or (is_set_active and not is_left) else set())

    def _is_deactivated_again(self, before: UserObject, after: UserObject) -> bool:
        """Return whether the delete of a renamed resource deactivates a person who was reactivated outside Pulumi."""
        is_asked = any(change.is_asked for change in self._history.users if change.before)
        is_found = (
            self._created is not None
            and self._created.warnings.has(ADOPT)
            and not self._created.warnings.stays_inactive
        )
        return before.is_kept_inactive and after.is_active and is_asked and is_found
