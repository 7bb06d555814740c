"""Which users this process has written to at one base URL, whatever identity wrote.

What was read before the last write to a user proves nothing about that user any more. Two identities may share a user,
so each must know of the other's writes. Apart from `user_cache`, which loads pydantic: most runs change nothing.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["WRITE", "UserWrites"]

WRITE = 2
"""How much one write adds to a user's count: one when it is sent, one when it has ended."""


class UserWrites:
    """The writes to users by canonical email; safe for all threads of a process."""

    def __init__(self) -> None:
        """Begin without a write."""
        self._lock = threading.Lock()
        self._counts: dict[str, int] = defaultdict(int)
        self._removed: dict[str, set[int]] = defaultdict(set)

    @contextmanager
    def writing(self, email: str) -> Iterator[None]:
        """Count a write, at its start and at its end: a read that overlaps with it was not made after it."""
        self._step(email)
        try:
            yield
        finally:
            self._step(email)

    def count(self, email: str) -> int:
        """Return a number that grows with every write to a user."""
        with self._lock:
            return self._counts.get(email, 0)

    def counts(self) -> Mapping[str, int]:
        """Return the count of every user that was written to."""
        with self._lock:
            return dict(self._counts)

    def record_removed(self, email: str, accounts: Iterable[int]) -> None:
        """Remember that accounts were removed: a response that shows one of them again may be an old one."""
        with self._lock:
            self._removed[email].update(accounts)

    def record_added(self, email: str, accounts: Iterable[int]) -> None:
        """Remember that accounts were added."""
        with self._lock:
            self._removed[email].difference_update(accounts)

    def removed(self, email: str) -> frozenset[int]:
        """Return the accounts that were removed from a user and not added since."""
        with self._lock:
            return frozenset(self._removed.get(email, ()))

    def _step(self, email: str) -> None:
        with self._lock:
            self._counts[email] += 1
