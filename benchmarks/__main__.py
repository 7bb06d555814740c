"""`python -m benchmarks`: measure, and write results.json, results.md and a plot for each size and latency.

Exit codes: 0 measured, 1 a peer failed, called otherwise than its formula, or left the sandbox otherwise than declared.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.lives import WrongCallsError, WrongStateError
from benchmarks.measuring import FailedRunError
from benchmarks.options import Options, parsed
from benchmarks.plot import as_svg
from benchmarks.results import Results
from benchmarks.service import Service
from benchmarks.startup import import_times, provider_times
from benchmarks.tables import as_markdown, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.matrix import Matrix, Turn
    from benchmarks.samples import Sample

_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for."""
    options = parsed(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    results = _begun(options)
    results.loads.append(machine.load())
    try:
        _measure_startup(options, results)
        _measure(options, results)
    except (FailedRunError, WrongCallsError, WrongStateError) as error:
        sys.stderr.write(f"error: {error}\n")
        return _FAILED
    _write(options.out, results)
    return 0


def _begun(options: Options) -> Results:
    """Return empty results, or those that are to be added to."""
    here = machine.described()
    path = options.out / "results.json"
    if not (options.is_appending and path.exists()):
        return Results(here)
    results = Results.load(path)
    if results.machine != here:
        raise SystemExit(f"{path} is of another machine or of other versions; without --append it is written anew")
    return results


def _measure_startup(options: Options, results: Results) -> None:
    if not options.startup_repetitions:
        return
    _say("start: imports and provider processes")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Service(Path(folder)) as service:
        taken = (
            import_times(options.startup_repetitions),
            provider_times(options.startup_repetitions, service.environ),
        )
    for times in taken:
        for name, values in times.items():
            results.startup.setdefault(name, []).extend(values)


def _measure(options: Options, results: Results) -> None:
    matrix = _runnable(options.matrix)
    for number, groups in enumerate(matrix.rounds(), start=1):
        for group in groups:
            _take(group, f"round {number} of {matrix.runs}", results)
        results.save(options.out / "results.json")  # hours may have gone into it


def _runnable(matrix: Matrix) -> Matrix:
    """Leave Terraform out where there is none, and say so."""
    if shutil.which("terraform"):
        return matrix
    _say("terraform is not on PATH: its peers are left out")
    peers = tuple(name for name in matrix.peers if not name.startswith("terraform"))
    return replace(matrix, peers=peers)


def _take(group: list[Turn], which: str, results: Results) -> None:
    """Let lives take turns, each with a sandbox of its own: what is compared is measured within minutes."""
    started = time.monotonic()
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")) for _ in group]
        services = [stack.enter_context(Service(Path(folder))) for folder in folders]
        lives = [turn.life.live(service, turn.workloads) for turn, service in zip(group, services, strict=True)]
        for taken in zip(*lives, strict=True):
            results.samples += taken
            _say(f"{which}: {_told(taken)} ({time.monotonic() - started:.0f} s)")


def _told(taken: Sequence[Sample]) -> str:
    cell = taken[0].cell
    checkpoints = " with checkpoints" if cell.checkpoints else ""
    latencies = [f" at {one.cell.latency_ms} ms" if one.cell.latency_ms else "" for one in taken]
    walls = [f"{one.cell.peer}{at} {one.wall_s:.1f}" for one, at in zip(taken, latencies, strict=True)]
    return f"{cell.workload}{checkpoints}, N = {cell.size}: {', '.join(walls)}"


def _write(folder: Path, results: Results) -> None:
    results.save(folder / "results.json")
    (folder / "results.md").write_text(as_markdown(results), encoding="utf-8")
    for size, latency_ms in results.pairs:
        title = f"N = {size} users, {size} grants, {size // 10} companies; {latency_ms} ms per request"
        text = as_svg(title, rows_of(results, size, latency_ms), results.workloads)
        (folder / f"wall-{size}-{latency_ms}ms.svg").write_text(text, encoding="utf-8")
    _say(f"written: {', '.join(sorted(path.name for path in folder.iterdir()))}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
