"""The options `--profile`, `--stack` and `--cwd`, and the settings that they lead to.

Settings come from the environment, as for programs, and with `--stack` from that stack's config, too, which `pulumi
config` decrypts; that both hold settings of one API is refused as everywhere. Knows no command.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.ending import FailedError
from pulumi_conduit.errors import escaped
from pulumi_conduit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.resources.run import ConductorSession, LinkSession, Run

__all__ = ["Connection", "with_connection"]

_NAMESPACE = "conduit:"
_TIMEOUT_S = 60  # a backend may be on the other side of the world, and a passphrase is slow to derive
_LONGEST = 300


@dataclass(frozen=True)
class Connection:
    """What a command may ask: the settings of one profile, and the APIs behind them, opened at the first use."""

    profile: str | None
    stack: str | None
    folder: Path

    @cached_property
    def settings(self) -> Settings:
        """Return the settings; FailedError where the stack's config cannot be read."""
        return Settings(os.environ, stack_config(self.stack, self.folder) if self.stack else {})

    @cached_property
    def run(self) -> Run:
        """Return what this process knows, as a provider process would."""
        from pulumi_conduit.resources.run import Run  # noqa: PLC0415 - loads HTTP, which not every command needs

        return Run(self.settings)

    def conductor(self) -> ConductorSession:
        """Return the Conductor identity; SettingsError says what is missing."""
        return self.run.conductor(self.profile)

    def link(self) -> LinkSession:
        """Return the Link APP; SettingsError says what is missing."""
        return self.run.link(self.profile)


def with_connection(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the three options, and call it with a `connection` in their place."""

    @click.option("--profile", metavar="NAME", help="Use the settings of this profile.")
    @click.option("--stack", metavar="NAME", help="Take settings from this stack's config, too, by `pulumi config`.")
    @click.option(
        "--cwd",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=Path(),
        metavar="DIR",
        help="The folder of the Pulumi project, for --stack; this one by default.",
    )
    @wraps(function)
    def with_options(*, profile: str | None, stack: str | None, folder: Path, **others: Any) -> Any:
        return function(connection=Connection(profile, stack, folder), **others)

    return with_options


def stack_config(stack: str, folder: Path) -> Mapping[str, str]:
    """Return the settings in a stack's config, decrypted, as the provider gets them."""
    try:
        shown = json.loads(_pulumi_config(stack, folder))
        return {key: one["value"] for key, one in shown.items() if key.startswith(_NAMESPACE) and "value" in one}
    except (ValueError, TypeError, AttributeError):
        raise FailedError(f"stack {escaped(stack, 80)}: `pulumi config` printed no config") from None


def _pulumi_config(stack: str, folder: Path) -> str:
    if not shutil.which("pulumi"):
        raise FailedError("--stack needs the Pulumi CLI, and there is no `pulumi` on PATH; use the environment")
    command = ["pulumi", "config", "--json", "--show-secrets", "--non-interactive", f"--stack={stack}"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the stack's name is one argument
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise FailedError(f"`pulumi config` took more than {_TIMEOUT_S} s; look at the backend") from None
    if done.returncode:
        why = escaped(" ".join(done.stderr.split()).removeprefix("error: "), _LONGEST)
        raise FailedError(f"stack {escaped(stack, 80)}: its config cannot be read: {why}")
    return done.stdout
