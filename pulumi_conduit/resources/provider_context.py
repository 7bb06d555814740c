"""One provider process: its settings, and one object for each thing that all resources of the process share."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pulumi_conduit.api.deadline import hold_lock, remaining_s
from pulumi_conduit.resources.batching import Batch
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key
from pulumi_conduit.resources.declared_access import LoggedAccess, PlannedUsers
from pulumi_conduit.resources.limits import Limits
from pulumi_conduit.resources.missing import MissingGate
from pulumi_conduit.resources.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pulumi_conduit.api.executor import OnRequest
    from pulumi_conduit.resources.declared_access import DeclarationLog
    from pulumi_conduit.settings import Settings

__all__ = ["DEFAULT_WORKERS", "ProviderContext"]

DEFAULT_WORKERS = 4
"""How many calls the SDK's provider server serves at once, unless the pool is enlarged."""


class UserLocks:
    """One lock for each user: its accounts are read and then written by one operation at a time.

    A user is reactivated in several requests; a grant that was added between them would be removed as a leftover.
    """

    def __init__(self) -> None:
        """Begin without a lock."""
        self._lock = threading.Lock()
        self._by_user: dict[Key, threading.Lock] = defaultdict(threading.Lock)

    def lock(self, user: Key) -> AbstractContextManager[None]:
        """Return a context that holds the lock of a user; waiting for it ends with the operation's deadline."""
        with self._lock:
            return hold_lock(self._by_user[user], f"another operation of this run was at work on user {user.id}")


class Batches:
    """The batches of one process: operations that want the same for one user share one."""

    def __init__(self) -> None:
        """Begin without a batch."""
        self._lock = threading.Lock()
        self._batches: dict[tuple[str, str | None, str], Batch[Any]] = defaultdict(Batch)

    def get(self, aim: str, profile: str | None, email: str) -> Batch[Any]:
        """Return the batch of what has one aim for one user under one profile."""
        with self._lock:
            return self._batches[aim, profile, email]


class FirstTimes:
    """The texts that were asked about in one process, so that each warning is logged once."""

    def __init__(self) -> None:
        """Begin without a text."""
        self._lock = threading.Lock()
        self._texts: set[str] = set()

    def is_first(self, text: str) -> bool:
        """Say whether this is the first time that a text is asked about."""
        with self._lock:
            is_new = text not in self._texts
            self._texts.add(text)
            return is_new


class ProviderContext:
    """What one provider process knows; safe for all its threads."""

    def __init__(
        self, settings: Settings, on_request: OnRequest | None = None, *, workers: int = DEFAULT_WORKERS
    ) -> None:
        """Open no session yet; `workers` is how many calls of the engine the process serves at once."""
        self.settings = settings
        self.workers = workers
        self.sessions = Sessions(settings, on_request)
        self.limits = Limits(settings)
        self.user_locks = UserLocks()
        self.batches = Batches()
        self.warnings = FirstTimes()
        self.registry = DeclarationRegistry()
        self.gate = MissingGate()
        self.planned_users = PlannedUsers()
        """The states and results of the users that this run declares."""
        self.declaration_log: DeclarationLog = _EmptyLog()
        """What the running program has logged of its grants, where the log can be read."""
        self.unreachable_profiles: set[str | None] = set()
        """The profiles whose tenants could not be reached: they are not tried again."""
        self.reset_grants: dict[Key, frozenset[int]] = {}
        """The accounts that this run reactivated users with; a grant that was not known then is still to be added."""
        self.sleep: Callable[[float], None] = _sleep


class _EmptyLog:
    """The log of a program that has none."""

    def access_of(self, _user: Key, _urn: str) -> LoggedAccess:
        return LoggedAccess()


def _sleep(seconds: float) -> None:
    """Wait, but no longer than the operation lasts: the next request fails with its deadline."""
    left_s = remaining_s()
    time.sleep(seconds if left_s is None else max(0.0, min(seconds, left_s)))
