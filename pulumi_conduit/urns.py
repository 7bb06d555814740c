"""URNs, taken apart as Pulumi does: the only place that knows how they are written.

A name may hold anything, `::` and `$` too, so that only the first three separators are any. Knows no resource.
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
    """Return the parts of a URN.

    :raises ValueError: for a text that is none.
    """
    parts = text.removeprefix(_PREFIX).split(_SEPARATOR, _PARTS - 1)
    if not is_urn(text) or len(parts) != _PARTS:
        raise ValueError(f"no URN: {text[:200]!r}")
    return Urn(*parts)


def is_urn(text: str) -> bool:
    """Say whether a text begins as URNs do."""
    return text.startswith(_PREFIX)


def name_of(text: str) -> str:
    """Return the name of the resource that a URN is of, to be shown; the text itself where it is no URN."""
    try:
        return parse_urn(text).name
    except ValueError:
        return text


def stack_of(text: str) -> tuple[str, ...]:
    """Return stack and project of a URN, to be compared."""
    return tuple(text.split(_SEPARATOR)[:2])
