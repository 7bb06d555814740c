"""`python -m benchmarks`: measure, and write results.json, results.md and a plot for each size and latency.

Exit codes: 0 measured, 1 a peer failed, called otherwise than its formula, or left the sandbox otherwise than declared.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
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

_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for."""
    options = parsed(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    results = _begun(options)
    results.loads.append(machine.load())
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, Service(Path(folder)) as service:
            _measure_startup(options, results, service)
            _measure(options, results, service)
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


def _measure_startup(options: Options, results: Results, service: Service) -> None:
    if options.startup_repetitions:
        _say("start: imports and provider processes")
        for times in (
            import_times(options.startup_repetitions),
            provider_times(options.startup_repetitions, service.environ),
        ):
            for name, values in times.items():
                results.startup.setdefault(name, []).extend(values)


def _measure(options: Options, results: Results, service: Service) -> None:
    matrix = _runnable(options.matrix)
    for number, turns in enumerate(matrix.rounds(), start=1):
        for turn in turns:
            _take(turn, f"round {number} of {matrix.runs}", results, service)
        results.save(options.out / "results.json")  # hours may have gone into it


def _runnable(matrix: Matrix) -> Matrix:
    """Leave Terraform out where there is none, and say so."""
    if shutil.which("terraform"):
        return matrix
    _say("terraform is not on PATH: its peers are left out")
    peers = tuple(name for name in matrix.peers if not name.startswith("terraform"))
    return replace(matrix, peers=peers)


def _take(turn: Turn, which: str, results: Results, service: Service) -> None:
    life = turn.life
    started = time.monotonic()
    taken = list(life.live(service, turn.workloads))
    results.samples += taken
    times = ", ".join(f"{one.cell.workload} {one.wall_s:.1f}" for one in taken)
    checkpoints = " with checkpoints" if life.checkpoints else ""
    latency = "" if life.peer.is_floor else f", {life.latency_ms} ms"
    took_s = time.monotonic() - started
    _say(f"{which}: {life.peer.name}, N = {life.size}{latency}{checkpoints}: {times} ({took_s:.0f} s)")


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
