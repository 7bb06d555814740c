"""The options `--profile`, `--stack` and `--cwd`, and the settings that they select.

Settings come from the environment and, with `--stack`, from that stack's config, which `pulumi config` decrypts.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.exit_codes import FailedError
from pulumi_conduit.cli.pulumi_project import pulumi
from pulumi_conduit.errors import escaped
from pulumi_conduit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.resources.provider_context import ConductorSession, LinkSession, ProviderContext

__all__ = ["Connection", "StackConfig", "with_connection"]

_NAMESPACE = "conduit:"


@dataclass(frozen=True)
class StackConfig:
    """The settings in a stack's config, and the names of those that are not encrypted."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)  # credentials among them
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Connection:
    """The settings of one profile, and its APIs, connected at the first use."""

    profile: str | None
    stack: str | None
    folder: Path

    @cached_property
    def config(self) -> StackConfig:
        """Return the stack's config, which is empty without a stack; an error where it cannot be read."""
        return stack_config(self.stack, self.folder) if self.stack else StackConfig()

    @cached_property
    def settings(self) -> Settings:
        """Return the settings; an error where the stack's config cannot be read."""
        return Settings(os.environ, self.config.values)

    @cached_property
    def run(self) -> ProviderContext:
        """Return the context of this process, as a provider process has it."""
        from pulumi_conduit.resources.provider_context import ProviderContext  # noqa: PLC0415 - loads HTTP, which not every command needs

        return ProviderContext(self.settings)

    def conductor(self) -> ConductorSession:
        """Return the Conductor identity; SettingsError names missing settings."""
        return self.run.sessions.conductor(self.profile)

    def link(self) -> LinkSession:
        """Return the Link APP; SettingsError names missing settings."""
        return self.run.sessions.link(self.profile)


def with_connection(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the three options to a command, and call it with a `connection` instead."""

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


def stack_config(stack: str, folder: Path) -> StackConfig:
    """Return the settings in a stack's config, decrypted, as the provider gets them."""
    what = f"stack {escaped(stack, 80)}"
    printed = pulumi(
        "config",
        "--json",
        "--show-secrets",
        f"--stack={stack}",
        folder=folder,
        what=f"{what}: its config",
        instead="use the environment",
    )
    try:
        shown = json.loads(printed)
        ours = {key: one for key, one in shown.items() if key.startswith(_NAMESPACE) and "value" in one}
        plain = frozenset(key for key, one in ours.items() if not one.get("secret"))
        return StackConfig({key: one["value"] for key, one in ours.items()}, plain)
    except (ValueError, TypeError, AttributeError):
        raise FailedError(f"{what}: `pulumi config` printed no JSON config") from None
