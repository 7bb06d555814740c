"""What was measured: one sample per command, kept raw, and read as median and spread."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Cell", "Sample", "Spread", "by_cell"]


@dataclass(frozen=True, order=True)
class Cell:
    """What a number is about. A floor has the latency 0, for it calls nobody."""

    size: int
    latency_ms: int
    workload: str
    peer: str
    checkpoints: bool = False


@dataclass(frozen=True)
class Sample:
    """One command of one peer."""

    cell: Cell
    wall_s: float
    cpu_s: float
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """Samples of one thing, read together."""

    median: float
    least: float
    most: float
    runs: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Read some values."""
        found = sorted(values)
        return cls(median(found), found[0], found[-1], len(found))

    def mapped(self, change: Callable[[float], float]) -> Spread:
        """Return what becomes of it when each value is changed alike, in the order that they have."""
        return Spread(change(self.median), change(self.least), change(self.most), self.runs)


def by_cell(samples: Iterable[Sample]) -> dict[Cell, list[Sample]]:
    """Return the samples of each cell."""
    cells: dict[Cell, list[Sample]] = {}
    for sample in samples:
        cells.setdefault(sample.cell, []).append(sample)
    return cells
