"""All that was measured, kept as JSON, and asked for by cell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmarks.peer import PEERS, WORKLOADS
from benchmarks.samples import Cell, Sample, Spread, by_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Results"]


@dataclass
class Results:
    """What one machine measured."""

    machine: Mapping[str, str]
    samples: list[Sample] = field(default_factory=list)
    startup: dict[str, list[float]] = field(default_factory=dict)
    """Seconds, by what was started."""
    loads: list[float] = field(default_factory=list)
    """How busy the machine was before the benchmark began, once for each part that was appended."""

    @classmethod
    def load(cls, path: Path) -> Results:
        """Read what `save` wrote."""
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        samples = [Sample(Cell(**one.pop("cell")), **one) for one in read["samples"]]
        return cls(read["machine"], samples, read["startup"], read["loads"])

    def save(self, path: Path) -> None:
        """Write everything, raw."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The sizes and latencies that were measured with peers that call somebody."""
        found = {(one.cell.size, one.cell.latency_ms) for one in self.samples if one.calls and not one.cell.checkpoints}
        return sorted(found)

    @property
    def peers(self) -> list[str]:
        """The peers that were measured."""
        found = {one.cell.peer for one in self.samples}
        return [name for name in PEERS if name in found]

    @property
    def workloads(self) -> list[str]:
        """The workloads that were measured."""
        found = {one.cell.workload for one in self.samples}
        return [name for name in WORKLOADS if name in found]

    def wall(self, cell: Cell) -> Spread | None:
        """Return the wall clock of a cell; a floor's is that without latency."""
        return self._spread(cell, lambda sample: sample.wall_s)

    def side_by_side(self, left: Cell, right: Cell) -> list[tuple[float, float]]:
        """Return the wall clocks of two cells as they were taken in one round after another."""
        pairs = zip(self._samples(left), self._samples(right), strict=False)  # a run may have been appended to one
        return [(one.wall_s, other.wall_s) for one, other in pairs]

    def cpu(self, cell: Cell) -> Spread | None:
        """Return the CPU seconds of a cell."""
        return self._spread(cell, lambda sample: sample.cpu_s)

    def calls(self, cell: Cell) -> int | None:
        """Return how many calls a cell made; all of its samples made the same."""
        samples = self._samples(cell)
        return sum(samples[0].calls.values()) if samples else None

    def _spread(self, cell: Cell, number: Callable[[Sample], float]) -> Spread | None:
        samples = self._samples(cell)
        return Spread.of(map(number, samples)) if samples else None

    def _samples(self, cell: Cell) -> list[Sample]:
        at_no_latency = Cell(cell.size, 0, cell.workload, cell.peer, cell.checkpoints)
        found = self._cells.get(cell, [])
        return found or [sample for sample in self._cells.get(at_no_latency, []) if not sample.calls]

    @cached_property
    def _cells(self) -> dict[Cell, list[Sample]]:
        return by_cell(self.samples)
