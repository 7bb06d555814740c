"""One person of a report, as data. Knows no plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Fate", "Person"]

_Accounts = frozenset[int]
_NONE: _Accounts = frozenset()


class Fate(str, Enum):
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
class Person:
    """One person: what happens, and the accounts within reach before and after, as far as the plan shows them.

    `revoked` are the accounts that `CONDUIT_MAX_REVOCATIONS` will count; `kept` those whose grant leaves the program
    while the access stays; `takeovers` counts grants and lists, too.
    """

    email: str
    profile: str
    name: str = ""
    type: str = ""
    is_active: bool = True
    fates: tuple[Fate, ...] = ()
    before: _Accounts = _NONE
    after: _Accounts = _NONE
    revoked: _Accounts = _NONE
    kept: _Accounts = _NONE
    takeovers: int = 0

    @property
    def gained(self) -> _Accounts:
        """Return what comes within reach."""
        return self.after - self.before

    @property
    def lost(self) -> _Accounts:
        """Return what is taken away: by itself, or with everything."""
        return (self.before | self.revoked) - self.after

    @property
    def is_changed(self) -> bool:
        """Say whether a reviewer must look."""
        return bool(set(self.fates) - {Fate.RENAMED} or self.gained or self.lost or self.kept or self.takeovers)
