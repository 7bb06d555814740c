"""Which stack a row of a roster belongs to, when one roster is split into several stacks.

The answer depends on nothing but the row's key (or the label that it is split by) and the number of stacks: not on the
other rows, their order, the machine or the version of Python. One stack more moves as few rows as can be, and only into
the new one. Changing anything here moves everybody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pulumi_conduit.errors import InvalidDeclaration, escaped
from pulumi_conduit.roster.columns import is_label
from pulumi_conduit.roster.declared import Company, DeclaredRoster, Person
from pulumi_conduit.roster.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Shard", "bucket", "split"]

T = TypeVar("T", Person, Company)
_MULTIPLIER = 2862933555777941757
_64_BITS = 2**64 - 1


@dataclass(frozen=True)
class Shard:
    """One stack of `count`, which count from 0; rows are split by a label instead of their keys where one is named."""

    index: int
    count: int
    label: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 <= self.index < self.count:
            raise InvalidDeclaration(f"shard {self.index} of {self.count}: shards count from 0")
        if self.label is not None and not is_label(self.label):
            raise InvalidDeclaration(f"'{escaped(self.label, 80)}' is no label; a column of yours begins with x_")

    def holds(self, row: Person | Company) -> bool:
        """Say whether a row belongs here."""
        return bucket(row.key if self.label is None else row.labels[self.label], self.count) == self.index


def bucket(key: str, count: int) -> int:
    """Return the number of a key's stack among `count`: Lamping and Veach's jump consistent hash of its SHA-256."""
    state = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    here, there = 0, 0
    while there < count:
        here = there
        state = (state * _MULTIPLIER + 1) & _64_BITS
        there = (here + 1) * 2**31 // ((state >> 33) + 1)
    return here


def split(roster: DeclaredRoster, shard: Shard) -> tuple[DeclaredRoster, DeclaredRoster]:
    """Return what belongs to a stack, and what belongs to the others.

    :raises InvalidDeclaration: where rows lack the label that they are split by.
    """
    _refuse_unlabelled((*roster.people, *roster.companies), shard)
    people, people_elsewhere = _parted(roster.people, shard)
    companies, companies_elsewhere = _parted(roster.companies, shard)
    return DeclaredRoster(people, companies), DeclaredRoster(people_elsewhere, companies_elsewhere)


def _parted(rows: Iterable[T], shard: Shard) -> tuple[tuple[T, ...], tuple[T, ...]]:
    here: list[T] = []
    elsewhere: list[T] = []
    for row in rows:
        (here if shard.holds(row) else elsewhere).append(row)
    return tuple(here), tuple(elsewhere)


def _refuse_unlabelled(rows: Iterable[Person | Company], shard: Shard) -> None:
    problems = Problems()
    for row in rows:
        if shard.label is not None and shard.label not in row.labels:
            problems.add(row.at, f"{shard.label}: is required, for the roster is split by it")
    problems.refuse_any()
