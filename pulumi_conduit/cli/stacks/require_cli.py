"""The Pulumi CLI for `stacks`: version check, and the mapping of its errors."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli.exit_codes import FailedError, one_line
from pulumi_conduit.cli.pulumi_project import INSTALL, LEAST_CLI
from pulumi_conduit.errors import ConduitError, InvalidInputError

if TYPE_CHECKING:
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = ["find_command", "mapped_cli_errors"]


def find_command() -> Interruptible:
    """Return the CLI; its imports load Pulumi, which only this command needs."""
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible  # noqa: PLC0415 - see above

    try:
        command = Interruptible()
    except FileNotFoundError:
        raise FailedError("there is no `pulumi` on PATH; install the Pulumi CLI") from None
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise FailedError(f"`pulumi version` fails: {one_line(error)}; install the Pulumi CLI: {INSTALL}") from None
    found = command.version
    if found is None or (found.major, found.minor) < LEAST_CLI:
        least = ".".join(map(str, LEAST_CLI))
        raise FailedError(
            f"the Pulumi CLI is {found or 'of no known version'}, not {least} or later; update it: {INSTALL}"
        )
    return command


class mapped_cli_errors:  # noqa: N801 - read as a word of the `with` statement
    """Maps errors of the CLI to errors of the command."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Map an error of the CLI; every reason is a line."""
        from pulumi_conduit.cli.stacks.pulumi_cli import (  # noqa: PLC0415 - likewise
            CLI_ERRORS,
            InterruptedRunError,
            error_lines,
        )

        if isinstance(error, InvalidInputError):
            raise click.UsageError(str(error)) from None
        if isinstance(error, InterruptedRunError):
            raise FailedError("interrupted") from None
        if isinstance(error, CLI_ERRORS) and not isinstance(error, ConduitError):
            raise FailedError("\n".join(error_lines(error))) from None
        if isinstance(error, OSError):
            raise FailedError(one_line(error)) from None
