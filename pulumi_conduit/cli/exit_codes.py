"""How every command ends (`MEANINGS`). Knows no command.

Output that cannot be written ends every command alike, with one line on standard error and exit code 3: a terminal may
know no more than Latin-1, a disk may be full. A pipe that nobody reads any more, as under `| head -1`, is no failure to
tell anybody of: the command ends in silence, with 141. Python and click would end with 1, which here means "found
something", or with 120 after everything seemed well.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "FAILED",
    "FOUND",
    "MEANINGS",
    "READER_GONE",
    "FailedError",
    "exit_after",
    "one_line",
    "silent_without_reader",
]

FOUND = 1
"""The exit code of a command that worked, and found what its user asked it to look for."""

FAILED = 3
"""The exit code of a command that could not do what it was asked for."""

MEANINGS = {0: "fine", FOUND: "found something", click.UsageError.exit_code: "wrong usage", FAILED: "failed"}
"""Each exit code, and what it means."""

READER_GONE = 141
"""The exit code of a command whose output nobody reads any more: 128 and SIGPIPE, as of other Unix tools."""

_LONGEST = 1000  # a message may name a path


class FailedError(click.ClickException):
    """The command could not do what it was asked for; every line of the message is one reason."""

    exit_code = FAILED


def one_line(error: BaseException) -> str:
    """Return the message of an external error on one line."""
    return escaped(str(error), _LONGEST)


@contextmanager
def silent_without_reader() -> Iterator[None]:
    """Exit where nobody reads the output any more, before click sees the error and ends with 1."""
    try:
        yield
    except BrokenPipeError:
        sys.exit(READER_GONE)


def exit_after(run: Callable[[], object], name: str) -> None:
    """Run a command, and exit with its code, or with 3 where its output did not arrive, or 141 where nobody reads it.

    :raises SystemExit: always.
    """
    if sys.stdin is None:  # closed, as under `<&-`: the same as empty
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for as long as the process runs
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show is shown by its code
    if sys.stdout is None:
        sys.exit(_fail(name, OSError("standard output is closed")))
    code: object = 0
    try:
        run()
    except SystemExit as ended:
        code = ended.code
    except OSError as error:
        code = _fail(name, error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _fail(name, error) if code != FAILED else code
        _drop_the_rest()
    sys.exit(code)  # type: ignore[arg-type] # as the command gave it


def _fail(name: str, error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    with suppress(OSError, AttributeError):  # standard error may be closed, too
        sys.stderr.write(f"{name}: the output cannot be written: {one_line(error)}\n")
    return FAILED


def _drop_the_rest() -> None:
    """Redirect what cannot be written to the null device: Python's own flush at its end would change the exit code."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
