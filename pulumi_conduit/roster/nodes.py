"""What a file holds before anybody asks what it means: texts, lists and tables, each with its place.

CSV and YAML both become these. Every scalar is text: what is a number or a boolean is for the columns to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.roster.problems import At

__all__ = ["Broken", "Entry", "Listing", "Node", "Scalar", "Table"]


class Scalar(NamedTuple):
    """A text."""

    text: str
    at: At


class Listing(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    at: At


class Table(NamedTuple):
    """Keys with values."""

    entries: Mapping[str, Entry]
    at: At


class Broken(NamedTuple):
    """Something that a problem has been reported for: whoever meets it says nothing more."""

    at: At


class Entry(NamedTuple):
    """One key of a table: where it stands, and its value."""

    at: At
    value: Node


Node: TypeAlias = "Scalar | Listing | Table | Broken"
