"""The results as Markdown: the machine, the bounds, wall clock, CPU and calls, and everything that is lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.declared import Declared
from benchmarks.formulas import CallTable, total
from benchmarks.peer import PEERS, WORKLOADS, peer_named
from benchmarks.peers import restapi
from benchmarks.samples import Cell, Spread
from benchmarks.targets import Verdict, growth_verdicts, startup_verdicts, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.results import Results

__all__ = ["as_markdown", "model_s", "rows_of"]

_BUSY = 0.5
_ABOUT = """# Benchmark

Written by `python -m benchmarks`; how to read it, and what is a model: [docs/benchmarks.md](../../docs/benchmarks.md).
N users, N grants, N/10 companies. Seconds: the median of the runs, and in parentheses the least and the most.
"""


def as_markdown(results: Results) -> str:
    """Return the whole page."""
    parts = [_ABOUT, _machine(results), _startup(results)]
    parts += [_of_pair(results, size, latency_ms) for size, latency_ms in results.pairs]
    parts += [_growth(results), _checkpoints(results), _formulas(results)]
    return "\n".join(part for part in parts if part)


def rows_of(results: Results, size: int, latency_ms: int) -> list[tuple[str, dict[str, Spread]]]:
    """Return the measured and the modelled rows of a size and a latency, by workload."""
    rows = [(peer, _measured(results.wall, results, size, latency_ms, peer)) for peer in results.peers]
    rows += [
        (
            f"{restapi.NAME} on {floor} (model)",
            model_s(_measured(results.wall, results, size, 0, floor), size, latency_ms),
        )
        for floor in restapi.FLOORS
    ]
    return [(name, row) for name, row in rows if row]


def model_s(floor: dict[str, Spread], size: int, latency_ms: int) -> dict[str, Spread]:
    """Return what the model makes of a floor."""
    changes = Declared(size).changes

    def modelled(workload: str, floor_s: float) -> float:
        return restapi.modelled_wall_s(workload, floor_s, size=size, changes=changes, latency_ms=latency_ms)

    return {workload: found.mapped(partial(modelled, workload)) for workload, found in floor.items()}


def _machine(results: Results) -> str:
    rows = [f"| {name} | {value} |" for name, value in results.machine.items()]
    cores = float(results.machine["cores"])
    load = max(results.loads, default=0.0)
    rows.append(f"| load before it began | {load:.2f} |")
    busy = "\n**The machine was busy with other things: compare nothing here.**\n" if load > _BUSY * cores else ""
    return "\n".join(["## Machine", "", "| | |", "| --- | --- |", *rows, busy])


def _startup(results: Results) -> str:
    if not results.startup:
        return ""
    rows = [f"| {name} | {_text(Spread.of(values), 3)} |" for name, values in results.startup.items()]
    return "\n".join(
        ["## Start", "", "| | s |", "| --- | --- |", *rows, "", _bounds(startup_verdicts(results), "bound"), ""]
    )


def _of_pair(results: Results, size: int, latency_ms: int) -> str:
    rows = rows_of(results, size, latency_ms)
    cpu = [(peer, _measured(results.cpu, results, size, latency_ms, peer)) for peer in results.peers]
    return "\n".join(
        [
            f"## N = {size}, {latency_ms} ms",
            "",
            "Wall clock, in seconds:",
            "",
            _table(results, rows),
            f"Calls to the APIs at N = {size}, each checked against its formula:",
            "",
            _calls(results, size, latency_ms),
            "CPU of all processes but the sandbox, in seconds:",
            "",
            _table(results, [(name, row) for name, row in cpu if row]),
            _bounds(verdicts(results, size, latency_ms), "bound, meant for N = 1000 and 50 ms"),
            "",
            _losses(rows),
            "",
        ]
    )


def _measured(
    spread: Callable[[Cell], Spread | None], results: Results, size: int, latency_ms: int, peer: str
) -> dict[str, Spread]:
    found = {one: spread(Cell(size, latency_ms, one, peer)) for one in results.workloads}
    return {workload: one for workload, one in found.items() if one is not None}


def _table(results: Results, rows: Iterable[tuple[str, dict[str, Spread]]]) -> str:
    lines = [_header(results.workloads)]
    for name, row in rows:
        cells = [_text(row[one]) if one in row else "-" for one in results.workloads]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _calls(results: Results, size: int, latency_ms: int) -> str:
    lines = [_header(results.workloads)]
    for peer in results.peers:
        counts = [results.calls(Cell(size, latency_ms, one, peer)) for one in results.workloads]
        if any(count is not None for count in counts):
            lines.append(f"| {peer} | {' | '.join('-' if count is None else str(count) for count in counts)} |")
    changes = Declared(size).changes
    modelled = [str(total(restapi.CALLS[one]).at(size, changes)) for one in results.workloads]
    return "\n".join([*lines, f"| {restapi.NAME} (model) | {' | '.join(modelled)} |", ""])


def _bounds(found: list[Verdict], header: str) -> str:
    rows = [
        f"| {one.what} | {one.wanted} | {one.measured} | {'met' if one.is_met else '**missed**'} |" for one in found
    ]
    return "\n".join([f"| {header} | wanted | measured | |", "| --- | --- | --- | --- |", *rows]) if rows else ""


def _losses(rows: list[tuple[str, dict[str, Spread]]]) -> str:
    """Say who does the same faster than we do; a floor does not do the same."""
    ours = dict(rows).get("ours", {})
    others = [(name, row) for name, row in rows if name != "ours" and not _is_floor(name)]
    lines = []
    for workload, found in ours.items():
        faster = [
            f"{name} {row[workload].median:.1f} s"
            for name, row in others
            if workload in row and row[workload].median < found.median
        ]
        lines.append(f"- {workload}, for which we take {found.median:.1f} s: {', '.join(faster) or 'no peer'}")
    return "\n".join(["Faster than we are:", "", *lines])


def _is_floor(name: str) -> bool:
    return name in PEERS and peer_named(name).is_floor


def _growth(results: Results) -> str:
    found = _bounds(growth_verdicts(results), "cost per user")
    return f"## Growth\n\n{found}\n" if found else ""


def _checkpoints(results: Results) -> str:
    cells = sorted({one.cell for one in results.samples if one.cell.checkpoints})
    if not cells:
        return ""
    lines = ["## Checkpoints", "", "`up` with the state written after every step, and once at the end:", ""]
    lines += ["| | N | with checkpoints | without |", "| --- | --- | --- | --- |"]
    for cell in cells:
        without = results.wall(Cell(cell.size, cell.latency_ms, cell.workload, cell.peer))
        lines.append(f"| {cell.peer} | {cell.size} | {_text(results.wall(cell))} | {_text(without)} |")
    by_peer = {cell.peer: results.wall(cell) for cell in cells}
    floor, naive = by_peer.get("floor"), by_peer.get("naive")
    if floor and naive:
        share = floor.median / naive.median
        lines += [
            "",
            f"With checkpoints the floor alone is {share:.2f} of the naive `up`: no provider can win that back.",
        ]
    return "\n".join([*lines, ""])


def _formulas(results: Results) -> str:
    tables: list[tuple[str, CallTable]] = [(name, peer_named(name).calls) for name in results.peers]
    tables.append((f"{restapi.NAME} (model)", restapi.CALLS))
    lines = ["## Formulas", "", "N users, C = N/10 companies, K changed users:", "", _header(WORKLOADS)]
    for name, calls in tables:
        lines.append(f"| {name} | {' | '.join(str(total(calls.get(one, {}))) for one in WORKLOADS)} |")
    return "\n".join([*lines, ""])


def _header(workloads: Iterable[str]) -> str:
    names = list(workloads)
    return f"| | {' | '.join(names)} |\n| --- |{' --- |' * len(names)}"


def _text(spread: Spread | None, digits: int = 1) -> str:
    if spread is None:
        return "-"
    return f"{spread.median:.{digits}f} ({spread.least:.{digits}f} to {spread.most:.{digits}f})"
