"""One peer's life against the sandbox, up to destroy: measured, its calls counted, and what lives compared.

A count that is not the peer's closed formula, or a sandbox that does not hold what was declared, ends the benchmark: a
number for something else would be worth nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.declared import Declared
from benchmarks.measuring import measured
from benchmarks.peer import WORKLOADS, Peer
from benchmarks.runners import Runner, runner_for
from benchmarks.samples import Cell, Sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from benchmarks.service import Service

__all__ = ["Life", "WrongCallsError", "WrongStateError"]


class WrongCallsError(AssertionError):
    """A peer made other calls than its formula says."""


class WrongStateError(AssertionError):
    """A peer did not do what it was asked for."""


@dataclass(frozen=True)
class Life:
    """One peer at one size and one latency."""

    peer: Peer
    size: int
    latency_ms: int
    checkpoints: bool = False
    is_embedded: bool = False
    """Run on the test kit's engine, which is not Pulumi."""

    def live(self, service: Service, workloads: Collection[str] = WORKLOADS) -> Iterator[Sample]:
        """Walk through a whole life, and give the samples of the wanted workloads."""
        service.reset(0 if self.peer.is_floor else self.latency_ms)
        last = max(WORKLOADS.index(one) for one in workloads)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            runner = runner_for(
                self.peer,
                Path(folder),
                service.environ,
                checkpoints=self.checkpoints,
                is_embedded=self.is_embedded,
            )
            runner.prepare()
            for workload in WORKLOADS[: last + 1]:
                # What nobody asked for is left out, but for `up`, without which there is nothing.
                if workload in workloads or workload == "up":
                    sample = self._run(workload, service, runner, Path(folder))
                    if workload in workloads:
                        yield sample

    def _run(self, workload: str, service: Service, runner: Runner, folder: Path) -> Sample:
        whole = Declared(self.size)
        changed = Declared(self.size, whole.changes)
        declared = changed if workload in {"preview-change", "change", "destroy"} else whole
        service.forget_requests()
        command = runner.command(workload, declared)
        cost = measured(command, cwd=folder, environ={**runner.environ, **declared.environ()})
        calls = service.counts()
        self._judge_calls(workload, calls)
        if not self.peer.is_floor:
            self._judge_state(workload, whole if workload == "preview-change" else declared, service)
        latency_ms = 0 if self.peer.is_floor else self.latency_ms
        cell = Cell(self.size, latency_ms, workload, self.peer.name, self.checkpoints)
        return Sample(cell, cost.wall_s, cost.cpu_s, calls)

    def _judge_calls(self, workload: str, calls: dict[str, int]) -> None:
        expected = self.peer.expected(workload, self.size, Declared(self.size).changes)
        if calls != expected:
            raise WrongCallsError(f"{self.peer.name}, {workload} of {self.size}: {calls}, not {expected}")

    def _judge_state(self, workload: str, declared: Declared, service: Service) -> None:
        wrong = declared.differences(service.state(), destroyed=workload == "destroy")
        if wrong:
            raise WrongStateError(
                f"{self.peer.name}, {workload} of {self.size}: {len(wrong)} not as declared, such as {wrong[0]}"
            )
