"""One person of a report, as data. Knows no plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["PersonChange", "PersonReport"]

_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


class PersonChange(str, Enum):
    """What happens to a person, in the order in which it matters to a reviewer."""

    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    PROMOTED = "promoted to STANDARD"
    DEMOTED = "set to READ_ONLY"
    TAKEN_OVER = "taken over"
    CREATED = "created"
    FORGOTTEN = "no longer managed"
    RENAMED = "renamed in the program only"


@dataclass(frozen=True)
class PersonReport:
    """One person: what happens, and the accounts within reach before and after, as far as the plan shows them.

    `revoked` are the accounts that `CONDUIT_MAX_REVOCATIONS` may count; `kept` those whose grant leaves the program
    while the access stays; `found` those that the preview has seen and no state has; `adoptions` counts grants and
    lists, too.
    """

    email: str
    profile: str
    name: str = ""
    type: str = ""
    was_active: bool = True
    is_active: bool = True
    fates: tuple[PersonChange, ...] = ()
    before: _Accounts = _NONE
    after: _Accounts = _NONE
    revoked: _Accounts = _NONE
    kept: _Accounts = _NONE
    found: _Accounts = _NONE
    adoptions: int = 0

    @property
    def gained(self) -> _Accounts:
        """Return what comes within reach."""
        return self.after - self.before

    @property
    def lost(self) -> _Accounts:
        """Return what is taken away: by itself, or with everything; nobody loses what is out of reach throughout."""
        return (self.before | (self.revoked if self._has_reach else _NONE)) - self.after

    @property
    def may_lose(self) -> _Accounts:
        """Return the first accounts that stay after a list only if the person holds nothing else by then."""
        return self.revoked & self.after

    @property
    def taken_while_off(self) -> _Accounts:
        """Return what is taken away from somebody who is INACTIVE before and after."""
        return _NONE if self._has_reach else self.revoked

    @property
    def _has_reach(self) -> bool:
        return self.was_active or self.is_active

    @property
    def is_changed(self) -> bool:
        """Say whether a reviewer must look."""
        accounts = self.gained | self.lost | self.kept | self.revoked
        return bool(set(self.fates) - {PersonChange.RENAMED} or accounts or self.adoptions)
