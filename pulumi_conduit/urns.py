"""Parses Pulumi URNs.

A name may contain anything, `::` and `$` too, so only the first three separators count.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["STACK_TYPE", "Urn", "is_urn", "name_of", "parse_urn", "stack_of"]

STACK_TYPE = "pulumi:pulumi:Stack"
_PREFIX = "urn:pulumi:"
_SEPARATOR = "::"
_PARTS = 4


class Urn(NamedTuple):
    """The parts of a URN; `qualified_type` holds the types of all parents before the resource's own."""

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """Return the resource's own type."""
        return self.qualified_type.rpartition("$")[2]

    @property
    def parent_types(self) -> str:
        """Return the types of the parents, as they stand before the resource's own; empty without a parent."""
        return self.qualified_type.rpartition("$")[0]


def parse_urn(text: str) -> Urn:
    """Parse a URN.

    :raises ValueError: for any other text.
    """
    parts = text.removeprefix(_PREFIX).split(_SEPARATOR, _PARTS - 1)
    if not is_urn(text) or len(parts) != _PARTS:
        raise ValueError(f"not a URN: {text[:200]!r}")
    return Urn(*parts)


def is_urn(text: str) -> bool:
    """Return whether a text starts with `urn:pulumi:`."""
    return text.startswith(_PREFIX)


def name_of(text: str) -> str:
    """Return the resource name in a URN, for a message; the text itself if it is not a URN."""
    try:
        return parse_urn(text).name
    except ValueError:
        return text


def stack_of(text: str) -> tuple[str, ...]:
    """Return stack and project of a URN, for comparison."""
    return tuple(text.split(_SEPARATOR)[:2])
