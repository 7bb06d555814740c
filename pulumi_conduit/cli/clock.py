"""The time at the head of what a command prints, so that a page that was kept says when it was made.

A file of its own, because `audit` and `report` know nothing of each other.
"""

from __future__ import annotations

from datetime import datetime, timezone

__all__ = ["now"]


def now() -> str:
    """Return the time, in UTC, for a person to read."""
    return f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
