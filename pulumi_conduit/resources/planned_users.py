"""What is known of the users that a run declares beside the ledger: their recorded state, and what this run did.

A deactivation made outside is a fact that only states know. `diff` sees the state of a resource that stays or is
replaced; `delete` sees the old one of a resource that was replaced or renamed. Must not decide anything.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState
    from pulumi_conduit.resources.declaration_registry import Key

__all__ = ["PlannedUsers"]


class PlannedUsers:
    """Thread-safe memory of one provider process."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._lock = threading.Lock()
        self._recorded: dict[Key, ConductorUserState] = {}
        self._results: dict[Key, ConductorUserState] = {}
        self._declared_back: set[Key] = set()
        self._new: set[Key] = set()

    def note_recorded(self, key: Key, state: ConductorUserState) -> None:
        """Keep the state that `diff` was shown for a user."""
        with self._lock:
            self._recorded[key] = state

    def note_result(self, key: Key, state: ConductorUserState) -> None:
        """Keep the state that a create or an update has led to."""
        with self._lock:
            self._results[key] = state

    def note_declared_back(self, key: Key) -> None:
        """Note that INACTIVE was applied to a user, and that this run declares it ACTIVE."""
        with self._lock:
            self._declared_back.add(key)

    def recorded(self, key: Key) -> ConductorUserState | None:
        """Return the state that `diff` was shown for a user."""
        with self._lock:
            return self._recorded.get(key)

    def latest(self, key: Key) -> ConductorUserState | None:
        """Return the newest state of the resource that declares a user."""
        with self._lock:
            return self._results.get(key) or self._recorded.get(key)

    def is_declared_back(self, key: Key) -> bool:
        """Say whether this run has set a user ACTIVE because its program did."""
        with self._lock:
            return key in self._declared_back

    def note_new(self, key: Key, *, is_new: bool) -> None:
        """Note whether a user is to be created, as far as anybody can tell before that."""
        with self._lock:
            (self._new.add if is_new else self._new.discard)(key)

    def is_new(self, key: Key) -> bool:
        """Say whether this run creates a user."""
        with self._lock:
            return key in self._new
