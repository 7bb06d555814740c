"""A roster's file as it is read: its text, the parsed nodes with their positions, and the problems found.

Text is bounded, UTF-8, with normalized line ends, without invisible characters; scalars are in Unicode's NFC, but not
the text, for that makes signs such as a Greek question mark a delimiter. Must not know CSV or YAML.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pulumi_conduit.errors import InvalidInputError, escaped, is_invisible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "MAX_BYTES",
    "Entry",
    "InvalidNode",
    "MappingNode",
    "Node",
    "Position",
    "Problems",
    "Scalar",
    "SequenceNode",
    "read_text",
]


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


MAX_BYTES = 16 * 1024 * 1024
_SHOWN_INSTEAD = "\ufffd"


def read_text(path: Path, problems: Problems, *, named_at: Position | None = None) -> str | None:
    """Return a file's text, or None after a problem; `named_at` is where another file names this one."""
    start = Position(str(path), 1, 1)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problems.add(named_at or start, f"'{escaped(str(path))}' cannot be read: {reason}")
        return None
    if len(data) > MAX_BYTES:
        problems.add(start, f"is larger than {MAX_BYTES // 1024**2} MiB; split the roster")
        return None
    return _decode(data, start, problems)


def _decode(data: bytes, start: Position, problems: Problems) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.add(start, "is UTF-16, not UTF-8; save it as UTF-8, which spreadsheets call 'CSV UTF-8'")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        problems.add(_end_of(before, start), "is not UTF-8; save it as UTF-8, which spreadsheets call 'CSV UTF-8'")
        return None
    return _visible(_with_plain_line_ends(text), start, problems)


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _end_of(text: str, start: Position) -> Position:
    lines = _with_plain_line_ends(text).split("\n")
    return Position(start.file, len(lines), len(lines[-1]) + 1)


def _visible(text: str, start: Position, problems: Problems) -> str:
    """Report and replace invisible characters, so that the rest of the file can be validated."""
    refused = {character for character in set(text) - {"\n", "\t"} if _is_invisible(character)}
    if not refused:
        return text
    for number, line in enumerate(text.split("\n"), start=1):
        if refused.isdisjoint(line):
            continue
        for column, character in enumerate(line, start=1):
            if character in refused:
                problems.add(
                    Position(start.file, number, column),
                    f"U+{ord(character):04X} is not allowed: control, bidi, zero-width and other such characters are"
                    " invisible",
                )
    return text.translate({ord(character): _SHOWN_INSTEAD for character in refused})


def _is_invisible(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE
    return is_noncharacter or is_invisible(character)
