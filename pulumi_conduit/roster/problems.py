"""Everything that is wrong with a file, each with the place where an editor should jump to.

Must not know what a roster is.
"""

from __future__ import annotations

from typing import NamedTuple

from pulumi_conduit.errors import InvalidInputError, escaped

__all__ = ["At", "Problems"]

_MOST_SHOWN = 1000
_MOST_KEPT = 20_000


class At(NamedTuple):
    """A place in a file; lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Show it as compilers do."""
        return f"{escaped(self.file)}:{self.line}:{self.column}"


class Problems:
    """The reasons against a file, so far."""

    def __init__(self) -> None:
        """Know of none."""
        self._found: dict[tuple[At, str], None] = {}

    def add(self, at: At, reason: str) -> None:
        """Remember a reason; the same one at the same place counts once, and a flood is not kept whole."""
        if len(self._found) < _MOST_KEPT:
            self._found[at, reason] = None

    def is_clean(self) -> bool:
        """Say whether there is none."""
        return not self._found

    def refuse_any(self) -> None:
        """Raise InvalidInputError with one line per reason, by file and line; nothing happens where there is none."""
        if not self._found:
            return
        lines = [f"{at}: {reason}" for at, reason in sorted(self._found)]
        raise InvalidInputError("\n".join(lines[:_MOST_SHOWN] + _more(len(lines))))


def _more(count: int) -> list[str]:
    """Return the line that says how many are not shown."""
    about = "at least " if count == _MOST_KEPT else ""
    return [f"and {about}{count - _MOST_SHOWN} problems more"] if count > _MOST_SHOWN else []
