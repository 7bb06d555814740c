"""What commands print alike: progress of long work on standard error, `--quiet`, and the time at the head of a page.

Progress is a bar on a terminal; elsewhere, as in the log of a pipeline, a line every ten seconds: short work prints
none. `--quiet` means the same for every command that has it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["QUIET", "QUIET_HELP", "SILENT", "ProgressDisplay", "is_terminal", "now", "print_line"]


QUIET = ("--quiet", "-q", "is_quiet")
"""The names of the option, for click."""
QUIET_HELP = "Print no progress and no hints; results, warnings and errors are printed."

_EVERY_S = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class ProgressDisplay:
    """Shows how much of some work is done."""

    is_quiet: bool = False

    def run(self, label: str, work: Iterable[T], count: int) -> list[T]:
        """Return the results of `work`, which is done while it is iterated over and yields `count` results."""
        if self.is_quiet or not count:
            return list(work)
        if not is_terminal():
            return list(_with_lines(label, work, count))
        with click.progressbar(work, length=count, label=label, show_pos=True, file=sys.stderr) as bar:
            return list(bar)


SILENT = ProgressDisplay(is_quiet=True)


def is_terminal() -> bool:
    """Return whether standard error is a terminal; it may be closed."""
    return bool(sys.stderr and sys.stderr.isatty())


def print_line(text: str) -> None:
    """Print a line of progress, with the time, for a log."""
    click.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


def _with_lines(label: str, work: Iterable[T], count: int) -> Iterator[T]:
    printed = time.monotonic()
    for number, result in enumerate(work, start=1):
        yield result
        if time.monotonic() - printed >= _EVERY_S:
            printed = time.monotonic()
            print_line(f"{label}: {number} of {count}")


def now() -> str:
    """Return the time, in UTC, for a person to read."""
    return f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
