"""The commands by name, and where each is found; knows none of them, so that one's imports cannot slow another."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, cast

import click

from pulumi_conduit import __version__
from pulumi_conduit.cli.exit_codes import MEANINGS, FailedError, one_line, silent_without_reader
from pulumi_conduit.errors import ConduitError

__all__ = ["commands"]

_COMMANDS = {
    "accounts": "pulumi_conduit.cli.accounts",
    "adopt": "pulumi_conduit.cli.adopt.command",
    "doctor": "pulumi_conduit.cli.doctor.command",
    "report": "pulumi_conduit.cli.report.command",
    "audit": "pulumi_conduit.cli.audit.command",
    "sandbox": "pulumi_conduit.cli.sandbox",
    "stacks": "pulumi_conduit.cli.stacks.command",
    "verify": "pulumi_conduit.cli.verify.command",
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

    @silent_without_reader()
    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Parse the command line, and print its own help and version."""
        return super().make_context(*arguments, **options)

    @silent_without_reader()
    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours ends it with its own lines and no traceback."""
        if os.environ.get("NO_COLOR"):  # click does not know it; subcommands inherit this
            ctx.color = False
        try:
            return super().invoke(ctx)
        except ConduitError as error:
            raise FailedError(str(error)) from None
        except BrokenPipeError:  # no failure of the command
            raise
        except OSError as error:  # a file or an output that cannot be read or written
            raise FailedError(one_line(error)) from None
        except KeyboardInterrupt:
            raise FailedError("interrupted") from None  # click would end with 1, which here means: found something
        except click.Abort:
            raise FailedError("not confirmed") from None  # likewise


_EPILOG = f"""\b
Examples:
  pulumi-conduit sandbox              a stand-in of both APIs, to try things out
  pulumi-conduit doctor               is everything right before a program runs?
  pulumi-conduit audit --stack prod   what exists in the APIs and in no stack
  pulumi-conduit COMMAND --help       what a command does, with examples

\b
Completion of commands and options, in ~/.bashrc (or zsh_source in ~/.zshrc):
  eval "$(_PULUMI_CONDUIT_COMPLETE=bash_source pulumi-conduit)"

Exit codes: {", ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items())}.
"""


@click.group(cls=LazyGroup, epilog=_EPILOG)
@click.version_option(__version__)
def commands() -> None:
    """Companies, people and their account access in Conduit Link and Conductor.

    The commands that talk to the APIs take their settings from the environment, as programs do.
    """
