"""The commands by name, and where each is found; knows none of them, so that one's imports cannot slow another."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

__all__ = ["commands"]

_COMMANDS = {"sandbox": "pulumi_conduit.cli.sandbox"}
"""Each module has its click command under the name `command`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command, or return None if there is none of this name."""
        module = _COMMANDS.get(cmd_name)
        return cast("click.Command", import_module(module).command) if module else None


@click.group(cls=LazyGroup)
@click.version_option(package_name="pulumi-conduit")
def commands() -> None:
    """Companies, people and their account access in Conduit Link and Conductor."""
