"""The sandbox's time, which a test can push forward, so that tokens expire without anybody waiting."""

from __future__ import annotations

import time
from datetime import datetime, timezone

__all__ = ["Clock"]


class Clock:
    """The time of day plus what was added to it."""

    def __init__(self) -> None:
        """Start at the time of day."""
        self._ahead_s = 0.0

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Push the time forward."""
        self._ahead_s += seconds

    def stamp(self) -> str:
        """Return the time in ISO 8601, with microseconds: a company removed and created again must differ in it."""
        return (
            datetime.fromtimestamp(self.now(), timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
        )
