"""Which profiles lead to one tenant: there one address is one person, and one company id one company.

States record where they live; a declaration names a profile only. Where a plan does not prove where a profile leads,
the profile stands for itself, and a move between two of them is told as a loss here and a gain there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.cli.report.changes import Move

__all__ = ["Tenants"]


class Tenants:
    """Where the profiles of a plan lead."""

    def __init__(self, moves: Iterable[Move[Any]]) -> None:
        """Learn it from states; from what the preview says only of a profile that no state has."""
        recorded: dict[str, set[str]] = defaultdict(set)
        said: dict[str, set[str]] = defaultdict(set)
        for move in moves:
            if move.before and move.before.url:
                recorded[move.before.profile].add(move.before.url)
            if move.before and move.before.url and move.after:  # another tenant would be a replacement
                recorded[move.after.profile].add(move.before.url)
            if move.after:
                said[move.after.profile] |= move.said.urls
        self._urls = {**said, **recorded}

    def of(self, move: Move[Any]) -> str:
        """Return the tenant that a move is about."""
        if move.before and move.before.url:
            return str(move.before.url)
        one = move.before or move.after
        assert one is not None  # noqa: S101 - a move has a side
        urls = self._urls.get(one.profile, set())
        return next(iter(urls)) if len(urls) == 1 else str(one.profile)
