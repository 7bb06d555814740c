"""Progress of all stacks on stderr, and the summary at the end."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.terminal import is_terminal, print_line
from pulumi_conduit.warnings import ADOPT, MOVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.cli.stacks.command import Chosen
    from pulumi_conduit.cli.stacks.runner import Outcome, Watcher

__all__ = ["print_summary", "watch_progress"]


def print_summary(operation: str, chosen: Chosen, split: str, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print the summary; on stderr if stdout has a report."""
    from pulumi_conduit.cli.stacks.runner import summary  # noqa: PLC0415 - see `stacks_command.find_command`

    found = summary(operation, split, outcomes, seconds)
    if chosen.as_json and not chosen.report:
        click.echo(json.dumps(found, indent=2))
        return
    hints = () if chosen.is_quiet else _hints(found, outcomes)
    for line in (*_lines(found, outcomes), *hints):
        click.echo(line, err=chosen.report)


def _lines(found: dict[str, Any], outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        for kind, texts in (("error", one.errors), ("warning", _group_warnings(one.warnings))):
            yield from (f"{one.stack}: {kind}: {text}" for text in texts)
    endings = ", ".join(f"{count} {ending}" for ending, count in found["endings"].items())
    yield f"{found['operation']} of {len(outcomes)} stacks in {found['seconds']:.0f} s: {endings}"
    changes = ", ".join(f"{count} {change}" for change, count in found["changes"].items())
    moved = f"; {found['moves']} of them only move between stacks" if found["moves"] else ""
    yield f"resources: {changes or 'none'}{moved}"


def _hints(found: dict[str, Any], outcomes: Sequence[Outcome]) -> Iterator[str]:
    if any(not one.is_fine for one in outcomes):
        yield "fix the errors and run it again; --resume skips the stacks that are done"
    if any("currently locked" in text for one in outcomes for text in one.errors):
        yield "if no other run uses the locked stacks, a killed run left the locks: pass --unlock"
    over = [one.stack for one in outcomes if one.is_fine and found["operation"] == "up" and _is_left_over(one)]
    if over:
        yield f"empty now, and may be removed (`pulumi stack rm`): {', '.join(over)}"


def _group_warnings(warnings: Sequence[str]) -> list[str]:
    """Return the warnings, with those of moves counted by code."""
    expected = (MOVE, ADOPT)
    counts = {code: sum(code in text for text in warnings) for code in expected}
    others = [text for text in warnings if not any(code in text for code in expected)]
    return others + [f"{code}: {count} of them" for code, count in counts.items() if count]


def _is_left_over(outcome: Outcome) -> bool:
    index, _, split = outcome.shard.partition("/")
    return int(index) >= int(split.split()[0])


@contextmanager
def watch_progress(operation: str, stacks: Sequence[str], *, is_quiet: bool) -> Iterator[Watcher]:
    """Yield the watcher that shows the progress, or nothing."""
    if is_quiet:
        yield _Silent()
        return
    bars = _bars() if is_terminal() else None
    if bars is None:
        yield _Lines(operation, len(stacks))
        return
    with bars:
        yield _Bars(bars, operation, len(stacks))


class _Silent:
    """No progress."""

    def begun(self, stack: str) -> None:
        pass

    def step(self, stack: str) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        pass


class _Lines:
    """Progress as lines, for logs."""

    def __init__(self, operation: str, count: int) -> None:
        self._operation, self._count, self._ended = operation, count, 0
        self._lock = threading.Lock()

    def begun(self, stack: str) -> None:
        print_line(f"{stack}: {self._operation} begins")

    def step(self, stack: str) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        with self._lock:
            self._ended += 1
            place = f"{self._ended} of {self._count}"
        print_line(f"{outcome.stack}: {outcome.ending.value} in {outcome.seconds:.0f} s ({place})")


class _Bars:
    """Progress bars, for a terminal."""

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
