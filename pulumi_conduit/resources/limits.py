"""What one process may do at most: deactivations, revocations and reactivations, and objects that are not found.

A limit on writes is a brake: it counts before each write; what came before has happened, and the next one fails.

The engine removes from state what a read has returned as missing, even when the refresh fails afterwards. When many
objects are missing at once, a wrong token or a narrowed identity is likelier than that all were removed. So the result
of such a read is held until the other reads in flight have ended, and past the limit all of them become errors. With
`--parallel` of the limit or less this cannot hold: earlier results are returned before the last one is known.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.api.deadline import remaining_s
from pulumi_conduit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_conduit.resources.declaration_registry import Key
    from pulumi_conduit.settings import Settings

__all__ = ["Limits", "Missing", "MissingGate", "MissingLimit"]


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
        self._lock = threading.RLock()
        self._counts: dict[tuple[str, str | None], int] = {}
        self._deactivated: set[Key] = set()

    def has_deactivation_limit(self, profile: str | None) -> bool:
        """Say whether the process or the profile has a limit on deactivations."""
        return {self._deactivations.of(None), self._deactivations.of(profile)} != {None}

    def count_deactivation(self, user: Key, profile: str | None) -> None:
        """Count a deactivation, once for a user of whom there are two states; RefusedError over the limit."""
        with self._lock:
            if user not in self._deactivated:
                self._count(f"user {user.id}: deactivation", profile, self._deactivations)
                self._deactivated.add(user)

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


_QUIET_S = 0.5
_POLL_S = 0.02


@dataclass(frozen=True)
class Missing:
    """A read found nothing; `key` is the user or company that this makes one more of, if it is one."""

    what: str
    key: Key | None = None


@dataclass(frozen=True)
class MissingLimit:
    """How many may be missing in one process, and the reason against one more."""

    most: int
    why: str

    @classmethod
    def declared(cls, max_missing: int, setting: str) -> MissingLimit:
        """Return the limit that a setting names."""
        return cls(
            max_missing,
            f"more than maxMissing ({max_missing}) allows: state is unchanged; check the credentials and the URL, or"
            f" raise {setting}",
        )

    def within(self, workers: int, requested: int) -> MissingLimit:
        """Return the limit of a process that serves `workers` calls at once, where `requested` were asked for.

        A held response occupies a worker: with as many held as there are workers, no read of one more could begin. One
        may be removed from state all the same, or a process of one worker could never remove any.
        """
        held = max(1, workers - 1)
        if self.most <= held:
            return self
        way = "raise CONDUIT_WORKERS" if workers >= requested else "refresh fewer at once with --target"
        return MissingLimit(
            held,
            f"more than the {held} that a provider with {workers} workers can hold back: state is unchanged; check"
            f" the credentials and the URL, or {way}",
        )


class MissingGate:
    """Counts users and companies that are missing in one process."""

    def __init__(
        self,
        *,
        quiet_s: float = _QUIET_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Hold each missing object until no other read has begun or ended for `quiet_s` seconds."""
        self._quiet_s, self._clock, self._sleep = quiet_s, clock, sleep
        self._lock = threading.Lock()
        self._missing: set[Key] = set()
        self._reading = 0
        self._last_change_s = clock()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count a read as in flight."""
        self._step(+1)
        try:
            yield
        finally:
            self._step(-1)

    def confirm(self, missing: Missing, limit: MissingLimit, patience_s: float) -> None:
        """Return when the object may be removed from state; RefusedError when too many are missing, or reads go on."""
        if missing.key is None:
            return
        with self._lock:
            self._missing.add(missing.key)
        left_s = remaining_s()
        give_up_s = self._clock() + (patience_s if left_s is None else min(patience_s, left_s))
        while not self._is_too_many(limit.most) and not self._is_quiet():
            if self._clock() >= give_up_s:
                raise RefusedError(
                    f"{missing.what}: not found, but the other reads of this run did not end within {patience_s:g} s,"
                    " so state is unchanged; refresh again, or raise CONDUIT_DEADLINE_SECONDS"
                )
            self._sleep(_POLL_S)
        if self._is_too_many(limit.most):
            raise RefusedError(
                f"{missing.what}: one of {len(self._missing)} objects not found in this run, {limit.why}"
            )

    def _step(self, by: int) -> None:
        with self._lock:
            self._reading += by
            self._last_change_s = self._clock()

    def _is_too_many(self, limit: int) -> bool:
        with self._lock:
            return len(self._missing) > limit

    def _is_quiet(self) -> bool:
        with self._lock:
            return self._reading == 0 and self._clock() - self._last_change_s >= self._quiet_s
