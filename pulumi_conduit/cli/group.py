"""The commands by name, and where each is found; knows none of them, so that one's imports cannot slow another."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

import click

from pulumi_conduit.cli.ending import FailedError
from pulumi_conduit.errors import ConduitError

__all__ = ["commands"]

_COMMANDS = {
    "accounts": "pulumi_conduit.cli.accounts",
    "doctor": "pulumi_conduit.cli.doctor",
    "report": "pulumi_conduit.cli.report",
    "review": "pulumi_conduit.cli.review",
    "sandbox": "pulumi_conduit.cli.sandbox",
    "stacks": "pulumi_conduit.cli.stacks",
}
"""Each module has its click command under the name `command`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for, and ends with 3 where the provider would refuse."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command, or return None if there is none of this name."""
        module = _COMMANDS.get(cmd_name)
        return cast("click.Command", import_module(module).command) if module else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours ends it with its own lines and no traceback."""
        try:
            return super().invoke(ctx)
        except ConduitError as error:
            raise FailedError(str(error)) from None


@click.group(cls=LazyGroup)
@click.version_option(package_name="pulumi-conduit")
def commands() -> None:
    """Companies, people and their account access in Conduit Link and Conductor."""
