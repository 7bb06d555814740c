"""People from a CSV file: the first line names the columns, and each further row becomes a table as YAML has it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pulumi_conduit.errors import escaped
from pulumi_conduit.roster.columns import PERSON, is_label
from pulumi_conduit.roster.csv_cells import parse_csv
from pulumi_conduit.roster.nodes import Broken, Entry, Listing, Node, Scalar, Table
from pulumi_conduit.roster.problems import At, Problems
from pulumi_conduit.roster.rows import MAX_ROWS, nearest
from pulumi_conduit.roster.text import read_text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

__all__ = ["SEPARATOR", "read_people_csv"]

SEPARATOR = "|"
"""What separates the accounts of a cell, whatever separates the cells: a spreadsheet may change that one any day."""


def read_people_csv(path: Path, named_at: At, defaults: Container[str], problems: Problems) -> Listing | None:
    """Return the rows of a CSV file as tables; None after a problem with the whole of it."""
    text = read_text(path, problems, named_at=None if named_at.file == str(path) else named_at)
    if text is None:
        return None
    at = At(str(path), 1, 1)
    rows = parse_csv(text, str(path), problems)
    header = next(rows, None)
    if header is None:
        problems.add(at, "is empty; its first line names the columns")
        return None
    if not _is_sound(header, defaults, problems):
        return None
    return Listing(tuple(_table(header, row, problems) for row in islice(rows, MAX_ROWS + 1)), at)


def _is_sound(header: list[Scalar], defaults: Container[str], problems: Problems) -> bool:
    """Say whether rows can be judged: every column that is needed is there once."""
    first: dict[str, At] = {}
    for cell in header:
        if cell.text in first:
            problems.add(cell.at, f"the column '{escaped(cell.text, 80)}' is there twice")
        elif cell.text not in PERSON and not is_label(cell.text):
            problems.add(cell.at, f"'{escaped(cell.text, 80)}' is not a column{nearest(cell.text, PERSON)}")
        first.setdefault(cell.text, cell.at)
    missing = [name for name in PERSON if PERSON[name].is_required and name not in first and name not in defaults]
    if missing:
        problems.add(header[0].at, f"the columns lack {', '.join(missing)}")
    return not missing


def _table(header: list[Scalar], row: list[Scalar], problems: Problems) -> Node:
    at = row[0].at
    if len(row) != len(header):
        problems.add(at, f"has {len(row)} cells, where the first line has {len(header)}")
        return Broken(at)
    return Table(dict(_entries(zip(header, row, strict=True))), at)


def _entries(cells: Iterable[tuple[Scalar, Scalar]]) -> Iterable[tuple[str, Entry]]:
    for column, cell in cells:
        known = PERSON.get(column.text)
        if cell.text and known is not None and known.is_list:
            items = (Scalar(part.strip(" "), cell.at) for part in cell.text.split(SEPARATOR))
            yield column.text, Entry(cell.at, Listing(tuple(items), cell.at))
        elif cell.text and (known is not None or is_label(column.text)):
            yield column.text, Entry(cell.at, cell)
