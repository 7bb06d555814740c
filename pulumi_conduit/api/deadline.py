"""One deadline per provider operation, over every request, retry and wait in it; clock and randomness are passed in."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.errors import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Lock

__all__ = ["Clock", "hold_lock", "operation", "remaining_s", "undoing"]


@dataclass(frozen=True)
class _Deadline:
    expires: float
    monotonic: Callable[[], float]


_CURRENT: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def operation(seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Limit the block to `seconds` in all; inside another operation, the outer deadline applies."""
    mark = _CURRENT.set(_CURRENT.get() or _Deadline(monotonic() + seconds, monotonic))
    try:
        yield
    finally:
        _CURRENT.reset(mark)


@contextmanager
def undoing(seconds: float) -> Iterator[None]:
    """Give the block `seconds` of its own, for what must be undone although the operation's deadline is over."""
    current = _CURRENT.get()
    monotonic = current.monotonic if current else time.monotonic
    mark = _CURRENT.set(_Deadline(monotonic() + seconds, monotonic))
    try:
        yield
    finally:
        _CURRENT.reset(mark)


def remaining_s() -> float | None:
    """Return the seconds left (negative after the deadline), or None outside any operation."""
    deadline = _CURRENT.get()
    return None if deadline is None else deadline.expires - deadline.monotonic()


@contextmanager
def hold_lock(lock: Lock, meanwhile: str) -> Iterator[None]:
    """Hold a lock; raise DeadlineExceededError, naming the cause `meanwhile`, if it is not free before the deadline."""
    left_s = remaining_s()
    if not lock.acquire(timeout=-1 if left_s is None else max(0.0, left_s)):
        raise DeadlineExceededError(
            f"deadline exceeded while {meanwhile}; run again, or raise CONDUIT_DEADLINE_SECONDS"
        )
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class Clock:
    """Clocks and sleep, in seconds, and a source of random numbers from 0 to 1."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
