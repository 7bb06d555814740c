"""Reads that are late: after a write, the next reads of that object still answer what was there before.

Counted in reads, not in seconds, so that a test knows what it will see. Knows nothing of what the objects are.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Lag"]

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
