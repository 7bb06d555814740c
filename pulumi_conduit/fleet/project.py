"""The Pulumi project whose stacks these are: which there are, what their config says, how a new one is made.

Touches no other config than `conduit:shard` and `conduit:reshardFrom`, and never the stack that the user has selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.automation import ConfigValue, LocalWorkspace, OutputMap, Stack, StackSettings

from pulumi_conduit.roster import Shard

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_conduit.fleet.command import Interruptible
    from pulumi_conduit.fleet.parts import Part

__all__ = ["Project"]

_SHARD, _RESHARD_FROM = "conduit:shard", "conduit:reshardFrom"


class _Workspace(LocalWorkspace):
    """A workspace that leaves the user's selection alone: every command names its stack."""

    def select_stack(self, stack_name: str) -> None:
        """Select nothing."""

    def create_stack(self, stack_name: str) -> None:
        """Make a stack, and select it not."""
        self._run_pulumi_cmd_sync(["stack", "init", stack_name, "--no-select", *self._secrets()])

    def stack_outputs(self, stack_name: str) -> OutputMap:  # noqa: ARG002 - the signature of the Automation API
        """Return none: nobody asks, and that spares two CLIs after each operation."""
        return {}

    def _secrets(self) -> list[str]:
        return [f"--secrets-provider={self.secrets_provider}"] if self.secrets_provider else []


class Project:
    """The project in a folder."""

    def __init__(self, folder: Path, command: Interruptible, secrets_provider: str | None = None) -> None:
        """Read nothing yet."""
        self._workspace = _Workspace(
            work_dir=str(folder), pulumi_command=command, secrets_provider=secrets_provider, env_vars={}
        )

    def stacks(self, prefix: str) -> list[str]:
        """Return the stacks whose names are the prefix and a number."""
        bare = prefix.rpartition("/")[2]  # a backend may leave out whose stack it is
        names = (one.name.rpartition("/")[2] for one in self._workspace.list_stacks())
        numbers = (name[len(bare) :] for name in names if name.startswith(bare))
        return sorted(f"{prefix}{number}" for number in numbers if number.isdecimal())

    def configured(self, stacks: list[str]) -> dict[str, Shard]:
        """Return the part that the config of each stack says, without those that say none."""
        found = {stack: self._config(stack) for stack in stacks}
        return {
            stack: Shard.parse(str(config[_SHARD]), _text(config.get(_RESHARD_FROM)))
            for stack, config in found.items()
            if config.get(_SHARD)
        }

    def prepare(self, part: Part) -> None:
        """Make a stack that is not there, and write the part that it has into its config."""
        if not part.is_there:
            self._workspace.create_stack(part.stack)
        if part.is_changed:
            self._configure(part.stack, part.shard)

    def restore(self, part: Part) -> None:
        """Let the config of a stack say again what it said before; a stack that was made keeps its part."""
        if part.is_there and not part.before:
            self._workspace.remove_config(part.stack, _SHARD)
        if part.before and part.is_changed:
            if not part.before.former_split:
                self._workspace.remove_config(part.stack, _RESHARD_FROM)
            self._configure(part.stack, part.before)

    def stack(self, name: str) -> Stack:
        """Return a stack that is there."""
        return Stack.select(name, self._workspace)

    def _configure(self, stack: str, shard: Shard) -> None:
        config = {_SHARD: f"{shard.index}/{shard.split}"}
        if shard.former_split:
            config[_RESHARD_FROM] = shard.former_split
        self._workspace.set_all_config(stack, {key: ConfigValue(value) for key, value in config.items()})

    def _config(self, stack: str) -> dict[str, object]:
        try:
            settings: StackSettings = self._workspace.stack_settings(stack)
        except FileNotFoundError:
            return {}
        return dict(settings.config or {})


def _text(value: object) -> str | None:
    return None if value is None else str(value)
