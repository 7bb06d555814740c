"""Reads that are late: after a write, the next reads of that object, or lists, still answer what was there before.

Counted in reads or writes, or in seconds of the sandbox's clock, so that a test knows what it will see. Knows nothing
of what the objects are.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Lag", "ListLag"]

_MOST_WRITES = 32
Value = TypeVar("Value")


class Lag(Generic[Value]):
    """Old values by key, and how many reads each shall still answer."""

    def __init__(self) -> None:
        """Start with nothing late."""
        self._late: dict[str, tuple[Value | None, int]] = {}

    def wrote(self, key: str, before: Value | None, reads: int) -> None:
        """Answer `before` for the next `reads` reads; what readers see already stays until then."""
        if reads:
            seen, _ = self._late.get(key, (before, 0))
            self._late[key] = (seen, reads)

    def read(self, key: str, current: Value | None) -> Value | None:
        """Return what a reader sees now, and count this as one read."""
        if key not in self._late:
            return current
        value, left = self._late.pop(key)
        if left > 1:
            self._late[key] = (value, left - 1)
        return value

    def forget(self, key: str) -> None:
        """Show the current value at once: an edit from outside is old news."""
        self._late.pop(key, None)

    def clear(self) -> None:
        """Show every current value at once."""
        self._late.clear()


class ListLag(Generic[Value]):
    """What each object was before its latest writes, for a list that lags behind reads of one object."""

    def __init__(self) -> None:
        """Start without a write."""
        self._writes: dict[str, list[tuple[float, Value | None]]] = {}

    def wrote(self, key: str, before: Value | None, now_s: float) -> None:
        """Keep what was there before a write, of the latest writes only."""
        self._writes[key] = [*self._writes.get(key, ()), (now_s, before)][-_MOST_WRITES:]

    def listed(self, key: str, current: Value | None, writes: int, since_s: float) -> Value | None:
        """Return what was there before the last so many writes, and before all that were made after a time."""
        made = self._writes.get(key, [])
        hidden = min(len(made), max(writes, sum(at_s > since_s for at_s, _ in made)))
        return made[-hidden][1] if hidden else current

    def forget(self, key: str) -> None:
        """List the current value: an edit from outside is old news."""
        self._writes.pop(key, None)

    def clear(self) -> None:
        """List every current value."""
        self._writes.clear()
