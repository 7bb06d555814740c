"""What one process may do at most: deactivations, revocations and reactivations, counted before each is written.

A limit is a brake: what came before has happened, and the next one fails.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.settings import Settings

__all__ = ["Limits"]


@dataclass(frozen=True)
class _Limit:
    """One limit: the variable that sets it, and its value for a profile, or for the process (None)."""

    variable: str
    of: Callable[[str | None], int | None]


class Limits:
    """The counts of one process against its limits; safe for all its threads."""

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing counted."""
        self._deactivations = _Limit("CONDUIT_MAX_DEACTIVATIONS", settings.max_deactivations)
        self._revocations = _Limit("CONDUIT_MAX_REVOCATIONS", settings.max_revocations)
        self._reactivations = _Limit("CONDUIT_MAX_REACTIVATIONS", settings.max_reactivations)
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str | None], int] = {}

    def has_deactivation_limit(self, profile: str | None) -> bool:
        """Say whether the process or the profile has a limit on deactivations."""
        return {self._deactivations.of(None), self._deactivations.of(profile)} != {None}

    def count_deactivation(self, email: str, profile: str | None) -> None:
        """Count a deactivation; RefusedError over the limit."""
        self._count(f"user {email}: deactivation", profile, self._deactivations)

    def count_revocations(self, email: str, accounts: frozenset[int], profile: str | None) -> None:
        """Count the removal of accounts; RefusedError over the limit."""
        what = f"user {email}: removal of accounts {', '.join(map(str, sorted(accounts)))}"
        self._count(what, profile, self._revocations, steps=len(accounts))

    def count_reactivation(self, email: str, profile: str | None) -> None:
        """Count a reactivation; RefusedError over the limit."""
        self._count(f"user {email}: reactivation", profile, self._reactivations)

    def _count(self, what: str, profile: str | None, limit: _Limit, *, steps: int = 1) -> None:
        """Count steps against the limit of the process and of the profile; refuse all that exceed one."""
        with self._lock:
            for scope in {None, profile}:
                most, done = limit.of(scope), self._counts.get((limit.variable, scope), 0)
                if most is not None and done + steps > most:
                    raise RefusedError(
                        f"{what}: refused, because {limit.variable} allows {most} in one run and {done} are done;"
                        " review the plan, then raise the limit for this run"
                    )
            for scope in {None, profile}:
                self._counts[limit.variable, scope] = self._counts.get((limit.variable, scope), 0) + steps
