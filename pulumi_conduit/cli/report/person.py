"""One person of a report: the effects as data, and the accounts that a plan adds and revokes, by the provider's rules.

Accounts are counted over all profiles of one tenant.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi_conduit.resources.account_access_exclusive.model import taken_with_list
from pulumi_conduit.warnings import ADOPT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.cli.report.changes import AccessObject, Change, UserObject

__all__ = ["AccessChange", "PersonChange", "PersonHistory", "PersonReport", "Tenants"]


_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


class PersonChange(str, Enum):
    """An effect on a person, most important first."""

    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    PROMOTED = "promoted to STANDARD"
    DEMOTED = "set to READ_ONLY"
    ADOPTED = "adopted"
    CREATED = "created"
    UNMANAGED = "no longer managed"
    RENAMED = "renamed or replaced in the state only"


@dataclass(frozen=True)
class PersonReport:
    """One person: the effects, and the accounts before and after, as far as the plan shows them.

    `revoked`: accounts that `CONDUIT_MAX_REVOCATIONS` may count; `kept`: accounts whose grant is removed from state
    only; `found`: accounts that the preview has found and no state has; `adoptions` counts grants and lists, too;
    `was_adopted`: the state says that its resource found the person, and did not create it; `is_removed`: the plan
    removes that resource.
    """

    email: str
    profile: str
    name: str = ""
    type: str = ""
    was_active: bool = True
    is_active: bool = True
    effects: tuple[PersonChange, ...] = ()
    before: _Accounts = _NONE
    after: _Accounts = _NONE
    revoked: _Accounts = _NONE
    kept: _Accounts = _NONE
    found: _Accounts = _NONE
    adoptions: int = 0
    was_adopted: bool = False
    is_removed: bool = False

    @property
    def gained(self) -> _Accounts:
        """Return the accounts that are gained."""
        return self.after - self.before

    @property
    def lost(self) -> _Accounts:
        """Return the accounts that are lost, one by one or by a deactivation; none if INACTIVE before and after."""
        return (self.before | (self.revoked if self._has_reach else _NONE)) - self.after

    @property
    def may_lose(self) -> _Accounts:
        """Return the initial accounts that stay after a list only if no other access is left."""
        return self.revoked & self.after

    @property
    def revoked_while_inactive(self) -> _Accounts:
        """Return what is revoked from a person who is INACTIVE before and after."""
        return _NONE if self._has_reach else self.revoked

    @property
    def _has_reach(self) -> bool:
        return self.was_active or self.is_active

    @property
    def is_changed(self) -> bool:
        """Return whether a reviewer must see it."""
        accounts = self.gained | self.lost | self.kept | self.revoked
        return bool(set(self.effects) - {PersonChange.RENAMED} or accounts or self.adoptions)


class Tenants:
    """The tenants of a plan's profiles."""

    def __init__(self, changes: Iterable[Change[Any]]) -> None:
        """Read them from states, and from warnings for a profile that no state has."""
        recorded: dict[str, set[str]] = defaultdict(set)
        announced: dict[str, set[str]] = defaultdict(set)
        for change in changes:
            if change.before and change.before.url:
                recorded[change.before.profile].add(change.before.url)
            if change.before and change.before.url and change.after:  # another tenant would be a replacement
                recorded[change.after.profile].add(change.before.url)
            if change.after:
                announced[change.after.profile] |= change.warnings.urls
        self._urls = {**announced, **recorded}

    def of(self, change: Change[Any]) -> str:
        """Return the tenant of a change."""
        if change.before and change.before.url:
            return str(change.before.url)
        one = change.before or change.after
        assert one is not None  # noqa: S101 - a change has a before or an after
        urls = self._urls.get(one.profile, set())
        return next(iter(urls)) if len(urls) == 1 else str(one.profile)


@dataclass
class PersonHistory:
    """All changes in a plan to one person."""

    users: list[Change[UserObject]] = field(default_factory=list)
    grants: list[Change[AccessObject]] = field(default_factory=list)
    lists: list[Change[AccessObject]] = field(default_factory=list)

    @property
    def user(self) -> UserObject | None:
        """Return the user as declared after the plan."""
        return next((change.after for change in self.users if change.after), None)

    @property
    def was(self) -> UserObject | None:
        """Return the user as recorded before it."""
        return next((change.before for change in self.users if change.before), None)

    @property
    def created(self) -> Change[UserObject] | None:
        """Return the change that creates or adopts the user."""
        return next((change for change in self.users if change.before is None), None)

    @property
    def access(self) -> list[Change[AccessObject]]:
        """Return the changes of grants of either kind."""
        return [*self.grants, *self.lists]


class AccessChange:
    """One person's accounts before and after a plan, while the person is ACTIVE."""

    def __init__(self, history: PersonHistory, effects: tuple[PersonChange, ...], *, is_unverified: bool) -> None:
        """Evaluate one person; `is_unverified` means that nothing was compared with the APIs."""
        self._history, self._effects, self._is_unverified = history, effects, is_unverified
        self._recorded = _union(change.before for change in history.access)
        self._declared = _union(change.after for change in history.access)
        self._granted = _union(change.after for change in history.grants)
        self._has_list = any(change.after for change in history.lists)

    def before(self) -> _Accounts:
        """Return the accounts before the plan, from states, corrected by the preview's warnings.

        Who is created has none, whatever a state records.
        """
        if PersonChange.CREATED in self._effects:
            return _NONE
        history, was = self._history, self._history.was
        listed = any(change.before for change in history.lists)
        initial = was.initial if was and not listed else _NONE
        imported = _union(change.after for change in history.access if _is_imported(change))
        return (self._recorded | initial) - self._comes() - self._given_again() | imported

    def given(self) -> _Accounts:
        """Return the accounts that the plan grants."""
        restored: _Accounts = frozenset().union(*(change.warnings.restored for change in self._history.users))
        comes = {PersonChange.CREATED, PersonChange.REACTIVATED, PersonChange.ADOPTED}.intersection(self._effects)
        user = self._history.user
        # A list replaces initial accounts; an import writes nothing.
        is_initial = user is not None and comes and not self._has_list and not user.is_imported
        initial = user.initial if user and is_initial else _NONE
        return (
            (self._declared - self._left_to_lists())
            | initial
            | (restored if PersonChange.REACTIVATED in self._effects else _NONE)
        )

    def revoked(self) -> _Accounts:
        """Return the accounts that are revoked one by one, as the provider counts them."""
        warnings = [
            *(change.warnings for change in self._history.users),
            *(change.warnings for change in self._history.lists),
        ]
        announced = frozenset[int]().union(*(one.removed for one in warnings))
        single = _union(change.before for change in self._history.grants if change.after is None and change.is_asked)
        if self._has_list:
            initial = self._history.was.initial if self._history.was and self._is_unverified else _NONE
            return announced | (
                (self._recorded | initial | single) - _union(change.after for change in self._history.lists)
            )
        return announced | (single - self._granted) | (self._list_of() - self._granted)

    def kept_initial(self) -> _Accounts:
        """Return what the removal of a list leaves to the person, if no other access is left."""
        if self._has_list:
            return _NONE
        listed = self._list_of()
        initial = self._history.user.initial if self._history.user else self._initial_of_lists()
        held = self._recorded | self._granted
        return listed - self._granted - taken_with_list(listed, self._granted, held, initial)

    def kept(self) -> _Accounts:
        """Return accounts that are kept although their grant is removed from state, because no delete is requested."""
        removed = _union(
            change.before for change in self._history.access if change.after is None and not change.is_asked
        )
        return removed - self._declared - self.revoked()

    def found(self) -> _Accounts:
        """Return the accounts that the preview has found and that no state of the plan has."""
        is_found = [change for change in self._history.access if _is_adoption(change)]
        return frozenset[int]().union(*map(_found, is_found)) - self._recorded

    def adoptions(self) -> int:
        """Count the grants and lists that exist and that no state of the plan has."""
        return sum(not _found(change) & self._recorded for change in self._history.access if _is_adoption(change))

    def _comes(self) -> _Accounts:
        """Return the accounts of created grants and lists, without those that a state has and the preview has found."""
        created = _union(
            change.after for change in self._history.access if change.before is None and not _is_imported(change)
        )
        seen = _union(
            change.after for change in self._history.grants if _is_adoption(change) and change.warnings.has(ADOPT)
        )
        listed = frozenset[int]().union(*(change.warnings.held for change in self._history.lists))
        return created - ((seen | listed) & self._recorded)

    def _left_to_lists(self) -> _Accounts:
        """Return the accounts of unchanged grants that a list revokes: `--target` leaves the grants in the state."""
        kept = _union(change.after for change in self._history.grants if change.before)
        removed = frozenset[int]().union(*(change.warnings.removed for change in self._history.lists))
        return (kept & removed) - _union(change.after for change in self._history.lists)

    def _given_again(self) -> _Accounts:
        return frozenset[int]().union(*(change.warnings.given for change in self._history.access)) & self._declared

    def _list_of(self) -> _Accounts:
        return _union(change.before for change in self._history.lists if change.after is None and change.is_asked)

    def _initial_of_lists(self) -> _Accounts:
        removed = [change.before for change in self._history.lists if change.after is None and change.is_asked]
        return frozenset[int]().union(*(one.initial for one in removed if one is not None))


def _is_adoption(change: Change[AccessObject]) -> bool:
    return change.before is None and (change.warnings.has(ADOPT) or _is_imported(change) or change.was_read)


def _is_imported(change: Change[AccessObject]) -> bool:
    """Return whether `import_` is set: that never writes, and fails if the object is not found."""
    return bool(change.after and change.after.is_imported)


def _found(change: Change[AccessObject]) -> _Accounts:
    """Return the accounts of a grant or list that exists; of a list those that the preview names, where it does."""
    assert change.after is not None  # noqa: S101 - it is created
    return change.warnings.held or change.after.accounts


def _union(parts: Iterable[AccessObject | None]) -> _Accounts:
    return frozenset().union(*(part.accounts for part in parts if part is not None))
