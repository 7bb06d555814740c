"""One person of a report, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["PersonChange", "PersonReport"]

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
