"""The parts of a roster's file: defaults, groups, people and companies, wherever they stand.

A CSV file is people and nothing else. A YAML file has all four, and its `people` may name a CSV file beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.roster.columns import is_label
from pulumi_conduit.roster.nodes import Broken, Entry, Listing, Node, Scalar, Table
from pulumi_conduit.roster.problems import At, Problems
from pulumi_conduit.roster.rows import nearest
from pulumi_conduit.roster.text import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SECTIONS", "Sheets", "read_sheets"]

SECTIONS = ("defaults", "groups", "people", "companies")
_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Sheets:
    """The parts that a file has; a section of the wrong form has been reported and is left out."""

    path: Path
    at: At
    sections: Mapping[str, Entry] = field(default_factory=dict)

    def table(self, name: str, problems: Problems) -> Table | None:
        """Return a section that must be a table."""
        node = self._node(name)
        if node is not None and not isinstance(node, Table | Broken):
            problems.add(node.at, f"'{name}' must have keys")
        return node if isinstance(node, Table) else None

    def listing(self, name: str, problems: Problems) -> Listing | None:
        """Return a section that must be a list."""
        node = self._node(name)
        if node is not None and not isinstance(node, Listing | Broken):
            problems.add(node.at, f"'{name}' must be a list")
        return node if isinstance(node, Listing) else None

    def people_file(self) -> tuple[Path, At] | None:
        """Return the CSV file that `people` names, and where it does so."""
        node = self._node("people")
        is_file = isinstance(node, Scalar) and node.text.lower().endswith(".csv")
        return (self.path.parent / node.text, node.at) if is_file and isinstance(node, Scalar) else None

    def _node(self, name: str) -> Node | None:
        return self.sections[name].value if name in self.sections else None


def read_sheets(path: Path, problems: Problems) -> Sheets | None:
    """Return the parts of a file; None after a problem with the whole of it."""
    at = At(str(path), 1, 1)
    if path.suffix.lower() == ".csv":
        return Sheets(path, at, {"people": Entry(at, Scalar(path.name, at))})
    if path.suffix.lower() not in _YAML:
        raise InvalidInputError(f"{escaped(str(path))}: the name of a roster ends in .csv, .yaml or .yml")
    from pulumi_conduit.roster.yaml_nodes import parse_yaml  # noqa: PLC0415 - CSV must not load a parser of YAML

    text = read_text(path, problems)
    root = Broken(at) if text is None else parse_yaml(text, str(path), problems)
    if isinstance(root, Table):
        _refuse_unknown(root, problems)
        return Sheets(path, root.at, root.entries)
    if not isinstance(root, Broken):
        problems.add(root.at, f"a roster has keys: {', '.join(SECTIONS)}")
    return None


def _refuse_unknown(root: Table, problems: Problems) -> None:
    for name, entry in root.entries.items():
        if name not in SECTIONS and not is_label(name):
            problems.add(entry.at, f"'{escaped(name, 80)}' is not a section of a roster{nearest(name, SECTIONS)}")
