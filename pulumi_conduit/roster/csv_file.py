"""Parses a roster in CSV: rows of cells with positions; the first line names the columns.

Refuses what is no table, and formulas; `rows.py` refuses all other values of cells, and `accounts.py` names.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from unicodedata import normalize

from pulumi_conduit.errors import escaped
from pulumi_conduit.roster.model import PERSON, is_label
from pulumi_conduit.roster.rows import MAX_ROWS, nearest
from pulumi_conduit.roster.source import (
    Entry,
    InvalidNode,
    MappingNode,
    Node,
    Position,
    Problems,
    Scalar,
    SequenceNode,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

__all__ = ["SEPARATOR", "formula_in", "parse_csv", "read_people_csv"]

_FORMULA = re.compile(r"(?:\A|[;,\t])\s*([=+\-@\uff1d\uff0b\uff0d\uff20])")  # the wide signs count in some locales
_DELIMITERS = (",", ";")
_OTHER_DELIMITERS = ("\t", "|")
_OPEN = "a quote is opened here and never closed"
_INSIDE = 'a quote inside a cell; put the whole cell into quotes and write it as ""'
_FIRST_LINE = re.compile(r"\s*([^\n]*)")
_EXCELS_FIRST_LINE = re.compile(r"\s*sep=([,;])[,;]*[^\S\n]*(?:\n|\Z)", re.IGNORECASE)
_SPACE = r"[^\S\n]*"
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


def parse_csv(text: str, file: str, problems: Problems) -> Iterator[list[Scalar]]:
    """Yield the rows that are not empty; a row that cannot be parsed is a problem, and is skipped.

    After a first row that cannot be parsed there is none, because nothing names the columns.
    """
    for row in _CsvReader(text, file, problems).rows():
        if any(cell.text for cell in row):
            for cell in row:
                _refuse_formula(cell, problems)
            yield row


def _refuse_formula(cell: Scalar, problems: Problems) -> None:
    if sign := formula_in(cell.text):
        problems.add(
            cell.at,
            f"a cell starts with '{sign}', or has it behind a separator, which a spreadsheet reads as a formula; use"
            " YAML for this value",
        )


def formula_in(text: str) -> str | None:
    """Return the sign by which a spreadsheet takes a cell for a formula, also where it parts cells by another sign."""
    found = _FORMULA.search(text)
    return found[1] if found else None


class _CsvReader:
    """Walks over the text once."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._text = text
        self._file = file
        self._problems = problems
        self._position = 0
        self._line = 1
        self._line_start = 0
        first = _EXCELS_FIRST_LINE.match(text)
        delimiter = first[1] if first else _delimiter(text)
        self._cell = re.compile(
            rf'(?:{_SPACE}(?P<quoted>{_QUOTED.pattern}))?(?P<plain>[^"{delimiter}\n]*)(?P<end>[{delimiter}\n]|\Z)'
        )
        if first:
            self._advance(first.end())

    def rows(self) -> Iterator[list[Scalar]]:
        """Yield every row, blank ones, too."""
        row: list[Scalar] = []
        is_sound, has_header = True, False
        while self._position < len(self._text) or row:
            at, match = self._at(), self._cell.match(self._text, self._position)
            if match is None or (match["quoted"] and match["plain"].strip()):
                is_sound = False
                end = self._skip_line(at)
                if not has_header:
                    return
            else:
                row.append(Scalar(_meant(match), at))
                end = match["end"]
                self._advance(match.end())
            if end not in _DELIMITERS:
                if is_sound:
                    has_header = has_header or any(cell.text for cell in row)
                    yield row
                row, is_sound = [], True

    def _at(self) -> Position:
        return Position(self._file, self._line, self._position - self._line_start + 1)

    def _advance(self, position: int) -> None:
        passed = self._text.count("\n", self._position, position)
        if passed:
            self._line += passed
            self._line_start = self._text.rindex("\n", self._position, position) + 1
        self._position = position

    def _skip_line(self, at: Position) -> str:
        """Report a misplaced quote and skip the rest of the line; an unclosed one ends the parsing."""
        quote = self._text.find('"', self._position)
        is_open = not self._text[self._position : quote].strip() and not _QUOTED.match(self._text, quote)
        self._problems.add(at, _OPEN if is_open else _INSIDE)
        end = -1 if is_open else self._text.find("\n", self._position)
        self._advance(len(self._text) if end < 0 else end + 1)
        return "\n"


def _delimiter(text: str) -> str:
    match = _FIRST_LINE.match(text)
    first = match[1] if match else ""
    return next((character for character in first if character in _DELIMITERS), ",")


def _meant(match: re.Match[str]) -> str:
    """Return the text of a cell in NFC, without the white space around it, of whatever kind Unicode has."""
    if match["quoted"] is None:
        return normalize("NFC", match["plain"].strip())
    return normalize("NFC", match["quoted"][1:-1].replace('""', '"').strip())


SEPARATOR = "|"
"""The separator of accounts in a cell, different from any cell separator that a spreadsheet may use."""


def read_people_csv(
    path: Path, named_at: Position, defaults: Container[str], problems: Problems
) -> SequenceNode | None:
    """Return the rows of a CSV file as tables; None after a problem with the file as a whole."""
    text = read_text(path, problems, named_at=None if named_at.file == str(path) else named_at)
    if text is None:
        return None
    at = Position(str(path), 1, 1)
    rows = parse_csv(text, str(path), problems)
    header = _without_empty_end(next(rows, []))
    if not header:
        if problems.is_clean():
            problems.add(at, "is empty; its first line names the columns")
        return None
    if not _is_sound(header, defaults, problems):
        return None
    return SequenceNode(tuple(_cells_by_column(header, row, problems) for row in islice(rows, MAX_ROWS + 1)), at)


def _is_sound(header: list[Scalar], defaults: Container[str], problems: Problems) -> bool:
    """Report columns that are there twice or unknown, and say whether every required one is there."""
    first: dict[str, Position] = {}
    for cell in header:
        if cell.text in first:
            problems.add(cell.at, f"the column '{escaped(cell.text, 80)}' is there twice")
        elif cell.text not in PERSON and not is_label(cell.text):
            problems.add(cell.at, _not_a_column(cell.text))
        first.setdefault(cell.text, cell.at)
    missing = [name for name in PERSON if PERSON[name].is_required and name not in first and name not in defaults]
    if missing:
        problems.add(header[0].at, f"the columns lack {', '.join(missing)}")
    return not missing


def _not_a_column(text: str) -> str:
    if not text:
        return "this column has no name; remove it, or give it one that begins with x_"
    if separator := next((one for one in _OTHER_DELIMITERS if one in text), None):
        return (
            f"'{escaped(text, 80)}' is not a column; columns are separated by , or ; and not by '{escaped(separator)}'"
        )
    return f"'{escaped(text, 80)}' is not a column{nearest(text, PERSON)}"


def _without_empty_end(row: list[Scalar]) -> list[Scalar]:
    """Return a row without the empty cells that spreadsheets leave at its end."""
    return row[: max((number for number, cell in enumerate(row, start=1) if cell.text), default=0)]


def _cells_by_column(header: list[Scalar], row: list[Scalar], problems: Problems) -> Node:
    """Return the cells by column; what a row lacks at its end is empty, and only empty cells may be too much there."""
    at, row = row[0].at, _without_empty_end(row)
    for cell in filter(lambda one: one.text, row[len(header) :]):
        problems.add(cell.at, f"'{escaped(cell.text, 80)}' is in no column: the first line names {len(header)}")
    if len(row) > len(header):
        return InvalidNode(at)
    return MappingNode(dict(_entries(zip(header, row, strict=False))), at)


def _entries(cells: Iterable[tuple[Scalar, Scalar]]) -> Iterable[tuple[str, Entry]]:
    for column, cell in cells:
        known = PERSON.get(column.text)
        if cell.text and known is not None and known.is_list:
            items = (Scalar(part.strip(), cell.at) for part in cell.text.split(SEPARATOR))
            yield column.text, Entry(cell.at, SequenceNode(tuple(items), cell.at))
        elif cell.text and (known is not None or is_label(column.text)):
            yield column.text, Entry(cell.at, cell)
