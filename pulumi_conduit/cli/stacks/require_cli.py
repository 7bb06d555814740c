"""The Pulumi CLI as `stacks` needs it: found, new enough, and its complaints as the end of the command."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli.exit_codes import FailedError, one_line
from pulumi_conduit.cli.pulumi_project import INSTALL, LEAST_CLI
from pulumi_conduit.errors import ConduitError, InvalidInputError

if TYPE_CHECKING:
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = ["failing_as_commands_do", "find_command"]


def find_command() -> Interruptible:
    """Return the CLI; what is imported for it loads Pulumi, which only this command needs."""
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


class failing_as_commands_do:  # noqa: N801 - read as a word of the `with` statement
    """Turns what the CLI says into the end of the command."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Map what is not ours; every reason is a line."""
        from pulumi_conduit.cli.stacks.pulumi_cli import (  # noqa: PLC0415 - likewise
            COMPLAINTS,
            InterruptedRunError,
            complaints,
        )

        if isinstance(error, InvalidInputError):
            raise click.UsageError(str(error)) from None
        if isinstance(error, InterruptedRunError):
            raise FailedError("interrupted") from None
        if isinstance(error, COMPLAINTS) and not isinstance(error, ConduitError):
            raise FailedError("\n".join(complaints(error))) from None
        if isinstance(error, OSError):
            raise FailedError(one_line(error)) from None
