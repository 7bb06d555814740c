"""Which stack a row of a roster belongs to, when one roster is split into several stacks.

The result depends only on the row's key (or the label that it is split by) and the number of stacks: not on the
other rows, their order, the machine or the version of Python. One stack more moves as few rows as can be, and only into
the new one. Changing anything here moves all rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.roster.model import CompanyRow, DeclaredRoster, PersonRow, is_label
from pulumi_conduit.roster.source import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RESHARD_FROM_KEY", "SHARD_KEY", "Shard", "bucket", "split"]

SHARD_KEY, RESHARD_FROM_KEY = "shard", "reshardFrom"
"""The keys of stack config, in the namespace `conduit`, that name this stack's shard and the former split."""

T = TypeVar("T", PersonRow, CompanyRow)
_MULTIPLIER = 2862933555777941757
_64_BITS = 2**64 - 1
_MOST_DIGITS = 6


@dataclass(frozen=True)
class Shard:
    """One stack of `count`, which count from 0; rows are split by a label instead of their keys where one is named.

    `reshard_from` is the former split, `20` or `20 by x_team`, from which a change is allowed. With it, a stack that a
    smaller count leaves over is a shard, too, without rows.
    """

    index: int
    count: int
    label: str | None = None
    reshard_from: int | str | None = None

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        former, former_label = (self.count, None) if self.reshard_from is None else _parsed_split(self.reshard_from)
        if self.count < 1 or not 0 <= self.index < max(self.count, former):
            raise InvalidInputError(f"shard {self.index} of {self.count}: shards count from 0")
        for label in (self.label, former_label):
            if label is not None and not is_label(label):
                raise InvalidInputError(f"'{escaped(label, 80)}' is not a label; label columns begin with x_")

    @classmethod
    def parse(cls, text: str, reshard_from: str | None = None) -> Shard:
        """Return the shard that a text names: `3/20`, or `3/20 by x_team`."""
        index, slash, split = text.partition("/")
        if not slash or not _is_number(index):
            raise InvalidInputError(f"'{escaped(text, 80)}' is not a shard; write 3/20, or 3/20 by x_team")
        return cls(int(index), *_parsed_split(split), reshard_from)

    @property
    def split(self) -> str:
        """Return the split: `20`, or `20 by x_team`."""
        return f"{self.count}" if self.label is None else f"{self.count} by {self.label}"

    @property
    def former_split(self) -> str | None:
        """Return the former split, to which the change is allowed."""
        return None if self.reshard_from is None else str(self.reshard_from)

    def home(self, row: PersonRow | CompanyRow) -> int:
        """Return the index of the stack that a row belongs to."""
        return bucket(row.key if self.label is None else row.labels[self.label], self.count)

    def holds(self, row: PersonRow | CompanyRow) -> bool:
        """Return whether a row belongs to this stack."""
        return self.home(row) == self.index


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

    :raises InvalidInputError: where rows lack the label that they are split by.
    """
    _refuse_unlabelled((*roster.people, *roster.companies), shard)
    people, people_elsewhere = _partition(roster.people, shard)
    companies, companies_elsewhere = _partition(roster.companies, shard)
    return DeclaredRoster(people, companies), DeclaredRoster(people_elsewhere, companies_elsewhere)


def _parsed_split(text: int | str) -> tuple[int, str | None]:
    count, by, label = str(text).partition(" by ")
    if not _is_number(count):
        raise InvalidInputError(f"'{escaped(str(text), 80)}' is not a split; write 20, or 20 by x_team")
    return int(count), label if by else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def _partition(rows: Iterable[T], shard: Shard) -> tuple[tuple[T, ...], tuple[T, ...]]:
    here: list[T] = []
    elsewhere: list[T] = []
    for row in rows:
        (here if shard.holds(row) else elsewhere).append(row)
    return tuple(here), tuple(elsewhere)


def _refuse_unlabelled(rows: Iterable[PersonRow | CompanyRow], shard: Shard) -> None:
    problems = Problems()
    for row in rows:
        if shard.label is not None and shard.label not in row.labels:
            problems.add(row.at, f"{shard.label}: is required, because the roster is split by it")
    problems.refuse_any()
