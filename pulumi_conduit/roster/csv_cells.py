"""CSV as rows of cells, each with its place.

The standard library's reader is not used, for it knows no columns and forgives quotes that mean nothing. The form is
that of RFC 4180 with `,` or `;`, whichever comes first in the first line; spaces around a cell do not count. Must not
know what a roster says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_conduit.roster.nodes import Scalar
from pulumi_conduit.roster.problems import At, Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FORMULA_STARTS", "parse_csv"]

FORMULA_STARTS = ("=", "+", "-", "@")
_DELIMITERS = (",", ";")
_OPEN = "a quote is opened here and never closed"
_INSIDE = 'a quote inside a cell; put the whole cell into quotes and write it as ""'
_FIRST_LINE = re.compile(r"\n*([^\n]*)")
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


def parse_csv(text: str, file: str, problems: Problems) -> Iterator[list[Scalar]]:
    """Yield the rows that hold anything; what cannot be parsed is a problem, and its row is left out."""
    for row in _Reader(text, file, problems).rows():
        if any(cell.text for cell in row):
            for cell in row:
                _refuse_formula(cell, problems)
            yield row


def _refuse_formula(cell: Scalar, problems: Problems) -> None:
    if cell.text.startswith(FORMULA_STARTS):
        problems.add(
            cell.at,
            f"a cell starts with '{cell.text[0]}', which a spreadsheet takes for a formula; only YAML can hold this",
        )


class _Reader:
    """Walks over the text once."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._text = text
        self._file = file
        self._problems = problems
        self._position = 0
        self._line = 1
        self._line_start = 0
        delimiter = _delimiter(text)
        self._cell = re.compile(
            rf'(?P<quoted>{_QUOTED.pattern})?(?P<plain>[^"{delimiter}\n]*)(?P<end>[{delimiter}\n]|\Z)'
        )

    def rows(self) -> Iterator[list[Scalar]]:
        """Yield every row, blank ones, too."""
        row: list[Scalar] = []
        is_sound = True
        while self._position < len(self._text) or row:
            at, match = self._at(), self._cell.match(self._text, self._position)
            if match is None or (match["quoted"] and match["plain"].strip(" ")):
                is_sound = False
                end = self._skip_line(at)
            else:
                row.append(Scalar(_meant(match), at))
                end = match["end"]
                self._advance(match.end())
            if end not in _DELIMITERS:
                if is_sound:
                    yield row
                row, is_sound = [], True

    def _at(self) -> At:
        return At(self._file, self._line, self._position - self._line_start + 1)

    def _advance(self, position: int) -> None:
        passed = self._text.count("\n", self._position, position)
        if passed:
            self._line += passed
            self._line_start = self._text.rindex("\n", self._position, position) + 1
        self._position = position

    def _skip_line(self, at: At) -> str:
        """Report a misplaced quote and leave the rest of the line out; an open one leaves nothing to go on with."""
        is_open = self._text.startswith('"', self._position) and not _QUOTED.match(self._text, self._position)
        self._problems.add(at, _OPEN if is_open else _INSIDE)
        end = -1 if is_open else self._text.find("\n", self._position)
        self._advance(len(self._text) if end < 0 else end + 1)
        return "\n"


def _delimiter(text: str) -> str:
    match = _FIRST_LINE.match(text)
    first = match[1] if match else ""
    return next((character for character in first if character in _DELIMITERS), ",")


def _meant(match: re.Match[str]) -> str:
    """Return what a cell says."""
    if match["quoted"] is None:
        return match["plain"].strip(" ")
    return match["quoted"][1:-1].replace('""', '"').strip(" ")
