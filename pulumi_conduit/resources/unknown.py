"""The value that is not known yet: what a preview has for the output of something still to be created.

Never compared, formatted or sent; the adapter puts the engine's own object back where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["UNKNOWN", "Unknown", "is_unknown"]


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        """Name the sentinel in test failures."""
        return "UNKNOWN"


UNKNOWN = Unknown()


def is_unknown(value: object) -> bool:
    """Say whether a value is unknown, whole or in any part."""
    if value is None or isinstance(value, str | int | float):
        return False  # nearly all values, and the tests below are slow
    if isinstance(value, Mapping):
        return any(is_unknown(part) for part in value.values())
    if isinstance(value, Sequence):
        return any(is_unknown(part) for part in value)
    return isinstance(value, Unknown)
