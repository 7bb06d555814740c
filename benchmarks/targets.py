"""The bounds that the provider is held to, each compared with what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.declared import Declared
from benchmarks.peers.restapi import modelled_wall_s
from benchmarks.samples import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.results import Results

__all__ = ["Verdict", "growth_verdicts", "startup_verdicts", "verdicts"]

IN_FLIGHT = 16
_QUIET = ("no-op", "preview", "preview-change", "change")
"""Nothing or little changes: what every pull request pays for, and what the floor takes on an untouched SDK."""
_FASTER_THAN_NAIVE = {"up": 2.3, "refresh": 4.0, "destroy": 1.7, **dict.fromkeys(_QUIET, 1.25)}
_OVER_THE_LEAST = 1.3
_QUIET_OVER_FLOOR = 0.65
_FASTER_THAN_THE_MODEL = ("up", *_QUIET, "refresh", "destroy")
_IMPORT_MS = 30
_READY_RATIO = 1.05
_GROWTH = 1.2
_GROWING = ("up", "no-op")


@dataclass(frozen=True)
class Verdict:
    """One bound."""

    what: str
    wanted: str
    measured: str
    is_met: bool


def verdicts(results: Results, size: int, latency_ms: int) -> list[Verdict]:
    """Return every bound that can be judged at this size and latency; they are meant for 1,000 users and 50 ms."""
    return [
        *_against_naive(results, size, latency_ms),
        *_against_the_least(results, size, latency_ms),
        *_against_the_model(results, size, latency_ms),
    ]


def startup_verdicts(results: Results) -> list[Verdict]:
    """Return what the start costs beside its bounds."""
    times = results.startup
    found = []
    if "import pulumi" in times:
        pairs = zip(times["import pulumi"], times["import pulumi and pulumi_conduit, every name used"], strict=True)
        costs_ms = 1000 * median(ours_s - bare_s for bare_s, ours_s in pairs)
        found.append(
            Verdict("import over `import pulumi`", f"≤ {_IMPORT_MS} ms", f"{costs_ms:.0f} ms", costs_ms <= _IMPORT_MS)
        )
    for what in ("listens", "answers"):
        if f"bare provider {what}" in times:
            pairs = zip(times[f"bare provider {what}"], times[f"our provider {what}"], strict=True)
            ratio = median(ours_s / bare_s for bare_s, ours_s in pairs)
            wanted = f"≤ {_READY_RATIO} times the bare one"
            found.append(Verdict(f"provider process {what}", wanted, f"{ratio:.2f}", ratio <= _READY_RATIO))
    return found


def growth_verdicts(results: Results) -> list[Verdict]:
    """Return how much more a user costs in the largest stack than in the smallest, for each latency."""
    return [
        verdict
        for latency_ms in sorted({latency_ms for _, latency_ms in results.pairs})
        for workload in _GROWING
        for verdict in _growth(results, latency_ms, workload)
    ]


def _growth(results: Results, latency_ms: int, workload: str) -> Iterator[Verdict]:
    sizes = [size for size, one in results.pairs if one == latency_ms]
    walls = [results.wall(Cell(size, latency_ms, workload, "ours")) for size in (sizes[0], sizes[-1])]
    if sizes[0] < sizes[-1] and walls[0] and walls[1]:
        ratio = (walls[1].median / sizes[-1]) / (walls[0].median / sizes[0])
        what = f"ours, {workload}, from {sizes[0]} to {sizes[-1]} users, {latency_ms} ms"
        yield Verdict(what, f"≤ {_GROWTH} times", f"{ratio:.2f}", ratio <= _GROWTH)


def _against_naive(results: Results, size: int, latency_ms: int) -> Iterator[Verdict]:
    for workload, times in _FASTER_THAN_NAIVE.items():
        cells = (Cell(size, latency_ms, workload, "ours"), Cell(size, latency_ms, workload, "naive"))
        if pairs := results.side_by_side(*cells):
            ratio = median(naive_s / ours_s for ours_s, naive_s in pairs)
            yield Verdict(f"{workload} against naive", f"≥ {times} times faster", f"{ratio:.2f}", ratio >= times)


def _against_the_least(results: Results, size: int, latency_ms: int) -> Iterator[Verdict]:
    for workload in results.workloads:
        cell = Cell(size, latency_ms, workload, "ours")
        pairs = results.side_by_side(cell, Cell(size, latency_ms, workload, "floor"))
        calls = results.calls(cell)
        if calls is None or not pairs:
            continue
        bound = _QUIET_OVER_FLOOR if workload in _QUIET else _OVER_THE_LEAST
        least = "(floor + calls / 16 * latency)" if calls else "the floor"
        ratio = median(ours_s / (floor_s + calls / IN_FLIGHT * latency_ms / 1000) for ours_s, floor_s in pairs)
        yield Verdict(f"{workload} against {least}", f"≤ {bound} times", f"{ratio:.2f}", ratio <= bound)


def _against_the_model(results: Results, size: int, latency_ms: int) -> Iterator[Verdict]:
    """Say what the engines alone take, too: it is the cause wherever a provider cannot win."""
    for workload in _FASTER_THAN_THE_MODEL:
        ours = results.wall(Cell(size, latency_ms, workload, "ours"))
        floor = results.wall(Cell(size, latency_ms, workload, "terraform-count"))
        if ours and floor:
            changes = Declared(size).changes
            model_s = modelled_wall_s(workload, floor.median, size=size, changes=changes, latency_ms=latency_ms)
            what = f"{workload} against restapi on `count` (model)"
            measured = f"{ours.median:.1f} s to {model_s:.1f} s"
            if pulumi := results.wall(Cell(size, latency_ms, workload, "floor")):
                measured += f" (the engines alone: {pulumi.median:.1f} s to {floor.median:.1f} s)"
            yield Verdict(what, "faster", measured, ours.median < model_s)
