"""How resources are named after what they stand for, so that no reorder renames; `adopt` names by it what it imports.

Like ids, the names are in every state: changing anything here renames everybody's resources.
"""

from __future__ import annotations

__all__ = ["resource_name"]


def resource_name(*parts: str | int) -> str:
    """Return the name of a resource from its component's, where it has one, and the parts of its key."""
    return "-".join(map(str, parts))
