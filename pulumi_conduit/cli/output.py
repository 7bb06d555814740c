"""Output that cannot be written ends every command alike: one line on standard error, and exit code 3.

A terminal may know no more than Latin-1, a disk may be full, a pipe closed. Python and click would end with 1, which
here means "found something", or with 120 after everything seemed well. Knows no command.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING

from pulumi_conduit.cli.exit_codes import FAILED, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["exit_after"]


def exit_after(run: Callable[[], object], name: str) -> None:
    """Run a command, and exit with its code, or with 3 where its output did not arrive.

    :raises SystemExit: always.
    """
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
    with suppress(OSError, AttributeError):  # nobody is left to read it
        sys.stderr.write(f"{name}: the output cannot be written: {one_line(error)}\n")
    return FAILED


def _drop_the_rest() -> None:
    """Let Python's own flush at its end find a place for what nobody takes; it would change the exit code."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
