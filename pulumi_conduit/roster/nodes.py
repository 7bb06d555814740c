"""Parsed nodes of a file (texts, lists and tables with positions), and the problems found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pulumi_conduit.errors import InvalidInputError, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Entry", "InvalidNode", "MappingNode", "Node", "Position", "Problems", "Scalar", "SequenceNode"]

_MOST_SHOWN = 1000
_MOST_KEPT = 20_000


class Position(NamedTuple):
    """A position in a file; lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return it as file:line:column."""
        return f"{escaped(self.file)}:{self.line}:{self.column}"


class Problems:
    """The reasons against a file, so far."""

    def __init__(self) -> None:
        """Start without problems."""
        self._found: dict[tuple[Position, str], None] = {}

    def add(self, at: Position, reason: str) -> None:
        """Add a reason, once per position, up to a maximum."""
        if len(self._found) < _MOST_KEPT:
            self._found[at, reason] = None

    def is_clean(self) -> bool:
        """Return whether there is no problem."""
        return not self._found

    def refuse_any(self) -> None:
        """Raise InvalidInputError with one line per reason, by file and line, if there is any."""
        if not self._found:
            return
        lines = [f"{at}: {reason}" for at, reason in sorted(self._found)]
        raise InvalidInputError("\n".join(lines[:_MOST_SHOWN] + _more(len(lines))))


def _more(count: int) -> list[str]:
    """Return the line with the number of omitted problems."""
    about = "at least " if count == _MOST_KEPT else ""
    return [f"and {about}{count - _MOST_SHOWN} problems more"] if count > _MOST_SHOWN else []


class Scalar(NamedTuple):
    """A text."""

    text: str
    at: Position


class SequenceNode(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    at: Position


class MappingNode(NamedTuple):
    """Keys with values."""

    entries: Mapping[str, Entry]
    at: Position


class InvalidNode(NamedTuple):
    """A node whose problem has been reported: report nothing more about it."""

    at: Position


class Entry(NamedTuple):
    """One key of a table: its position, and its value."""

    at: Position
    value: Node


Node: TypeAlias = "Scalar | SequenceNode | MappingNode | InvalidNode"
