"""How far the stacks are: bars on a terminal, else a line when one begins and when one ends. All of it on stderr."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.cli.stacks.outcome import Outcome
    from pulumi_conduit.cli.stacks.runner import Watcher

__all__ = ["shown"]


@contextmanager
def shown(operation: str, stacks: Sequence[str]) -> Iterator[Watcher]:
    """Give who shows the progress."""
    bars = _bars() if sys.stderr.isatty() else None
    if bars is None:
        yield _Lines(operation, len(stacks))
        return
    with bars:
        yield _Bars(bars, operation, len(stacks))


class _Lines:
    """For logs."""

    def __init__(self, operation: str, count: int) -> None:
        self._operation, self._count, self._ended = operation, count, 0
        self._lock = threading.Lock()

    def begun(self, stack: str) -> None:
        self._say(f"{stack}: {self._operation} begins")

    def step(self, stack: str) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        with self._lock:
            self._ended += 1
            place = f"{self._ended} of {self._count}"
        self._say(f"{outcome.stack}: {outcome.ending.value} in {outcome.seconds:.0f} s ({place})")

    def _say(self, text: str) -> None:
        click.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


class _Bars:
    """For people."""

    def __init__(self, bars: Any, operation: str, count: int) -> None:
        self._bars = bars
        self._all = bars.add_task(operation, total=count, steps="")
        self._tasks: dict[str, Any] = {}
        self._steps: dict[str, int] = {}

    def begun(self, stack: str) -> None:
        self._tasks[stack] = self._bars.add_task(f"  {stack}", total=None, steps="")
        self._steps[stack] = 0

    def step(self, stack: str) -> None:
        self._steps[stack] += 1
        self._bars.update(self._tasks[stack], steps=f"{self._steps[stack]} resources")

    def ended(self, outcome: Outcome) -> None:
        self._bars.remove_task(self._tasks.pop(outcome.stack))
        self._bars.advance(self._all)
        if not outcome.is_fine:
            self._bars.console.print(f"{outcome.stack}: {outcome.ending.value}", markup=False)


def _bars() -> Any:
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra, and may be absent
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}", markup=False),
        TextColumn("{task.fields[steps]}", markup=False),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
