"""Reads users before their checks, in threads: the engine has one check at a time, and each would wait for its GET.

What was read is kept apart until the check of its user takes it, and counts as read by that check: nothing else is
decided by it. What failed, or is older than half a minute, is not taken: the check reads again.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_conduit.api.deadline import operation, remaining_s
from pulumi_conduit.errors import ConduitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ReadAhead"]

T = TypeVar("T")
_DEADLINE_S = 10.0  # of one read: a check must not wait for it longer than for its own
_LONGEST_KEPT_S = 30.0


class ReadAhead(Generic[T]):
    """What was read of users whose checks are to come; safe for all threads."""

    def __init__(self, read: Callable[[str], T]) -> None:
        """Read nothing yet; `read` returns what there is to know of a user, or raises a ConduitError."""
        self._read = read
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._waiting: dict[str, None] = {}  # in order
        self._begun: dict[str, Future[_Outcome[T]]] = {}

    def take(self, email: str) -> T | None:
        """Return, once, what was read of a user; wait if it is being read. None: the check must read itself."""
        with self._lock:
            self._seen.add(email)
            self._waiting.pop(email, None)
            read = self._begun.pop(email, None)
        if read is None:
            return None
        with suppress(FutureTimeoutError):
            outcome = read.result(remaining_s())
            return None if outcome.is_old() else outcome.value
        return None

    def begin(self, at_once: int, others: Callable[[], Iterable[str]]) -> None:
        """Begin to read more users, if none of those before has failed; keep `at_once` of them at most.

        `others` returns the emails that may be checked next; it is asked again when all of them were read.
        """
        with self._lock:
            self._begun = {email: read for email, read in self._begun.items() if not _is(read, _Outcome.is_old)}
            if any(_is(read, _Outcome.has_failed) for read in self._begun.values()):
                return
            if len(self._begun) < at_once and not self._waiting:
                self._waiting = dict.fromkeys(one for one in others() if one not in self._seen)
                self._seen.update(self._waiting)
            with suppress(RuntimeError):  # there may be no more threads
                while len(self._begun) < at_once and self._waiting:
                    self._start(next(iter(self._waiting)))

    def _start(self, email: str) -> None:
        del self._waiting[email]
        read: Future[_Outcome[T]] = Future()
        threading.Thread(target=self._run, args=(email, read), name="conduit-read-ahead", daemon=True).start()
        self._begun[email] = read

    def _run(self, email: str, read: Future[_Outcome[T]]) -> None:
        value = None
        try:
            with operation(_DEADLINE_S), suppress(ConduitError):
                value = self._read(email)
        finally:
            read.set_result(_Outcome(value, time.monotonic()))


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    value: T | None
    ended_at: float

    def has_failed(self) -> bool:
        return self.value is None

    def is_old(self) -> bool:
        return time.monotonic() - self.ended_at > _LONGEST_KEPT_S


def _is(read: Future[_Outcome[T]], what: Callable[[_Outcome[T]], bool]) -> bool:
    return read.done() and what(read.result())
