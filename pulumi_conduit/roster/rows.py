"""Parses the sections and rows of a file, column by column; problems are collected, not raised."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.roster.accounts import AccountEntry
from pulumi_conduit.roster.model import LABEL, Column, is_label
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
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["MAX_ROWS", "Row", "Sections", "nearest", "read_list", "read_row", "read_rows", "read_sections"]

MAX_ROWS = 100_000


class Row(NamedTuple):
    """One row: its position, its values by column, and the user's own columns."""

    at: Position
    values: dict[str, Any]
    labels: dict[str, str]


def read_rows(
    listing: SequenceNode, key: str, columns: Mapping[str, Column], defaults: Row, problems: Problems
) -> Iterator[Row]:
    """Yield the complete rows, with defaults; `key` is the unique column."""
    if len(listing.items) > MAX_ROWS:
        problems.add(listing.items[MAX_ROWS].at, f"there are more than {MAX_ROWS} rows; split the roster")
        return
    first: dict[str, Position] = {}
    for node in listing.items:
        row = _row(node, columns, defaults, problems)
        if row is None:
            continue
        if key in row.values:
            _refuse_second(row, key, first, problems)
        if all(name in row.values for name, column in columns.items() if column.is_required):
            yield row


def _row(node: Node, columns: Mapping[str, Column], defaults: Row, problems: Problems) -> Row | None:
    if isinstance(node, MappingNode):
        _refuse_missing(node, columns, defaults.values, problems)
        own = read_row(node, columns, "this row", problems)
        return Row(node.at, {**defaults.values, **own.values}, {**defaults.labels, **own.labels})
    if not isinstance(node, InvalidNode):
        problems.add(node.at, f"a row must have keys: {', '.join(columns)}")
    return None


def _refuse_second(row: Row, key: str, first: dict[str, Position], problems: Problems) -> None:
    canonical = row.values[key].lower()
    if canonical in first:
        shown, at = escaped(row.values[key], 80), first[canonical]
        problems.add(row.at, f"{key}: '{shown}' is declared twice; first at {at}")
    first.setdefault(canonical, row.at)


def read_row(table: MappingNode, columns: Mapping[str, Column], what: str, problems: Problems) -> Row:
    """Return the valid values and labels of one row, or of the defaults of all; a list as entries with positions."""
    return Row(table.at, _values(table, columns, what, problems), _labels(table, problems))


def _values(table: MappingNode, columns: Mapping[str, Column], what: str, problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, entry in table.entries.items():
        column = columns.get(name)
        if column is not None:
            value = _value(name, column, entry.value, problems)
            if value is not None:
                values[name] = value
        elif not is_label(name):
            problems.add(entry.at, f"'{escaped(name, 80)}' is not a key of {what}{nearest(name, columns)}")
    return values


def _labels(table: MappingNode, problems: Problems) -> dict[str, str]:
    labels = {name: entry for name, entry in table.entries.items() if is_label(name)}
    read = {name: _parse_cell(name, LABEL, entry.value, problems) for name, entry in labels.items()}
    return {name: value for name, value in read.items() if value is not None}


def read_list(name: str, column: Column, node: Node, problems: Problems) -> tuple[AccountEntry, ...] | None:
    """Return the entries of a list that is not empty; None after a problem."""
    if isinstance(node, InvalidNode):
        return None
    if not isinstance(node, SequenceNode):
        problems.add(node.at, f"{name}: must be a list")
        return None
    if not node.items:
        problems.add(node.at, f"{name}: must hold at least one account")
        return None
    read = [(item.at, _parse_cell(name, column, item, problems)) for item in node.items]
    entries = tuple(AccountEntry(at, meant) for at, meant in read if meant is not None)
    return entries if len(entries) == len(read) else None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a suggestion for an unknown name, or an empty text."""
    plain = name[:80].strip().lower().replace(" ", "_").replace("-", "_")
    found = difflib.get_close_matches(plain, known, n=1)
    return f"; did you mean '{found[0]}'?" if found else ""


def _value(name: str, column: Column, node: Node, problems: Problems) -> Any:
    read = read_list if column.is_list else _parse_cell
    return read(name, column, node, problems)


def _parse_cell(name: str, column: Column, node: Node, problems: Problems) -> Any:
    """Return the value of a cell; one that its column's parser (`model.py`) refuses is a problem there."""
    if isinstance(node, InvalidNode):
        return None
    if not isinstance(node, Scalar):
        problems.add(node.at, f"{name}: must be a single value")
        return None
    if not node.text:
        problems.add(node.at, f"{name}: has no value; omit it, or give one")
        return None
    try:
        return column.parse(node.text)
    except ValueError as error:
        problems.add(node.at, f"{name}: {error}")
        return None


def _refuse_missing(
    table: MappingNode, columns: Mapping[str, Column], defaults: Mapping[str, Any], problems: Problems
) -> None:
    for name, column in columns.items():
        if column.is_required and name not in table.entries and name not in defaults:
            problems.add(table.at, f"{name}: is required")


SECTIONS = ("defaults", "groups", "people", "companies")
_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Sections:
    """The sections of a file; an invalid one is reported and skipped."""

    path: Path
    at: Position
    sections: Mapping[str, Entry] = field(default_factory=dict)

    def table(self, name: str, problems: Problems) -> MappingNode | None:
        """Return a section that must be a table."""
        node = self._node(name)
        if node is not None and not isinstance(node, MappingNode | InvalidNode):
            problems.add(node.at, f"'{name}' must have keys")
        return node if isinstance(node, MappingNode) else None

    def listing(self, name: str, problems: Problems) -> SequenceNode | None:
        """Return a section that must be a list."""
        node = self._node(name)
        if node is not None and not isinstance(node, SequenceNode | InvalidNode):
            problems.add(node.at, f"'{name}' must be a list")
        return node if isinstance(node, SequenceNode) else None

    def people_file(self) -> tuple[Path, Position] | None:
        """Return the CSV file that `people` names, and where it does so."""
        node = self._node("people")
        is_file = isinstance(node, Scalar) and node.text.lower().endswith(".csv")
        return (self.path.parent / node.text, node.at) if is_file and isinstance(node, Scalar) else None

    def people_at(self) -> Position:
        """Return where the people are: in the CSV file that `people` names, or else in this file."""
        file = self.people_file()
        return Position(str(file[0]), 1, 1) if file else self.at

    def _node(self, name: str) -> Node | None:
        return self.sections[name].value if name in self.sections else None


def read_sections(path: Path, problems: Problems) -> Sections | None:
    """Return the parts of a file; None after a problem with the whole of it."""
    at = Position(str(path), 1, 1)
    if path.suffix.lower() == ".csv":
        return Sections(path, at, {"people": Entry(at, Scalar(path.name, at))})
    if path.suffix.lower() not in _YAML:
        raise InvalidInputError(f"{escaped(str(path))}: the name of a roster ends in .csv, .yaml or .yml")
    from pulumi_conduit.roster.yaml_file import parse_yaml  # noqa: PLC0415 - CSV must not load a YAML parser

    text = read_text(path, problems)
    root = InvalidNode(at) if text is None else parse_yaml(text, str(path), problems)
    if isinstance(root, MappingNode):
        _refuse_unknown(root, problems)
        return Sections(path, root.at, root.entries)
    if not isinstance(root, InvalidNode):
        problems.add(root.at, f"a roster has keys: {', '.join(SECTIONS)}")
    return None


def _refuse_unknown(root: MappingNode, problems: Problems) -> None:
    for name, entry in root.entries.items():
        if name not in SECTIONS and not is_label(name):
            problems.add(entry.at, f"'{escaped(name, 80)}' is not a section of a roster{nearest(name, SECTIONS)}")
