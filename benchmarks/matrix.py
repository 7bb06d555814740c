"""Which lives are lived, and in which order: all peers take turns, so that what slows the machine slows all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.lives import Life
from benchmarks.peer import WORKLOADS, peer_named

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKPOINTED", "Matrix", "Turn"]

CHECKPOINTED = ("ours", "naive", "floor")
"""The peers that also run with checkpoints, to say what these cost."""


@dataclass(frozen=True)
class Turn:
    """A life, and the workloads of it that are wanted."""

    life: Life
    workloads: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """What is asked for."""

    sizes: tuple[int, ...]
    latencies_ms: tuple[int, ...]
    workloads: tuple[str, ...]
    peers: tuple[str, ...]
    runs: int
    checkpoints_at: int = 0
    """The size whose `up` is also measured with checkpoints; 0: none."""
    is_embedded: bool = False
    """Run on the test kit's engine, which is not Pulumi, and has no checkpoints to leave out."""

    def rounds(self) -> Iterator[list[list[Turn]]]:
        """Return for each run the groups whose lives take turns at each workload; each run begins with another peer."""
        for number in range(self.runs):
            groups = [*(self._of_size(size, number) for size in self.sizes), self._with_checkpoints(number)]
            yield [group for group in groups if group]

    def _of_size(self, size: int, number: int) -> list[Turn]:
        peers = [peer_named(name) for name in _rotated(self.peers, number)]
        return [
            Turn(Life(peer, size, latency_ms, is_embedded=self.is_embedded), self.workloads)
            for latency_ms in self.latencies_ms
            for peer in peers
            if not peer.is_floor or latency_ms == self.latencies_ms[0]  # a floor is the same at any latency
        ]

    def _with_checkpoints(self, number: int) -> list[Turn]:
        if not self.checkpoints_at or self.is_embedded:
            return []
        peers = [peer_named(name) for name in _rotated(CHECKPOINTED, number) if name in self.peers]
        latency_ms = 50 if 50 in self.latencies_ms else self.latencies_ms[0]
        is_measured = self.checkpoints_at in self.sizes and WORKLOADS[0] in self.workloads
        with_and_without = (True,) if is_measured else (True, False)
        return [
            Turn(Life(peer, self.checkpoints_at, latency_ms, checkpoints), WORKLOADS[:1])
            for peer in peers
            for checkpoints in with_and_without
        ]


def _rotated(names: tuple[str, ...], by: int) -> list[str]:
    by %= len(names)
    return [*names[by:], *names[:by]]
