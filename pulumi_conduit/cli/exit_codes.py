"""How every command ends: 0 fine, 1 found something, 2 wrong usage, 3 failed. Knows no command."""

from __future__ import annotations

import click

from pulumi_conduit.errors import escaped

__all__ = ["FAILED", "FOUND", "FailedError", "one_line"]

FOUND = 1
"""The exit code of a command that worked, and found what its user asked it to look for."""

FAILED = 3
"""The exit code of a command that could not do what it was asked for."""

_LONGEST = 1000  # a message may name a path


class FailedError(click.ClickException):
    """The command could not do what it was asked for; every line of the message is one reason."""

    exit_code = FAILED


def one_line(error: BaseException) -> str:
    """Return the message of an external error on one line."""
    return escaped(str(error), _LONGEST)
