"""One command and what it cost: wall clock, and the CPU of all the processes that it started."""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Cost", "FailedRunError", "measured"]

_SHOWN = 4000


class FailedRunError(RuntimeError):
    """A command failed, so that there is nothing to measure."""


@dataclass(frozen=True)
class Cost:
    """Seconds."""

    wall_s: float
    cpu_s: float


def measured(command: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it cost; its output is shown only if it fails.

    The CPU is that of all descendants that were waited for. The sandbox is not among them: it runs on.
    """
    output = cwd / "output.txt"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with output.open("wb") as stream:  # a pipe would have to be drained by a thread, which costs
        done = subprocess.run(command, cwd=cwd, env=dict(environ), stdout=stream, stderr=stream, check=False)  # noqa: S603 - a peer
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        text = output.read_text(encoding="utf-8", errors="replace")[-_SHOWN:]
        raise FailedRunError(f"{' '.join(command)} ended with {done.returncode}:\n{text}")
    return Cost(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
