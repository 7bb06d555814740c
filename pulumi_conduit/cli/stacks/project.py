"""The Pulumi project: its stacks, their config, and new stacks.

Writes only `conduit:shard` and `conduit:reshardFrom`, and never changes the selected stack. A preview writes no config:
if it were killed, that would remain as the consent to another split.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pulumi.automation import ConfigValue, LocalWorkspace, OutputMap, Stack

from pulumi_conduit.cli.pulumi_project import stack_config_file
from pulumi_conduit.cli.stacks.pulumi_cli import WithOptions
from pulumi_conduit.errors import ConduitError, escaped
from pulumi_conduit.roster.shards import RESHARD_FROM_KEY, SHARD_KEY, Shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pulumi_conduit.cli.stacks.parts import StackPart
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

    _Entries = dict[str, tuple[yaml.Node, yaml.Node]]

__all__ = ["Project"]

_SHARD, _RESHARD_FROM = f"conduit:{SHARD_KEY}", f"conduit:{RESHARD_FROM_KEY}"
T = TypeVar("T")
_PART_OF_A_ROSTER = "pulumi-python:dynamic/conduit:RosterShard"


class _Workspace(LocalWorkspace):
    """A workspace that keeps the user's selected stack: every command names its stack."""

    def select_stack(self, stack_name: str) -> None:
        """Select nothing."""

    def create_stack(self, stack_name: str) -> None:
        """Create a stack without selecting it."""
        self._run_pulumi_cmd_sync(["stack", "init", stack_name, "--no-select", *self._secrets()])

    def stack_outputs(self, stack_name: str) -> OutputMap:  # noqa: ARG002 - the signature of the Automation API
        """Return nothing: the outputs are not used, and this saves two CLI processes per operation."""
        return {}

    def list_stacks_json(self) -> str:
        """Return the list of stacks as the CLI prints it."""
        return self._run_pulumi_cmd_sync(["stack", "ls", "--json"]).stdout

    def export_json(self, stack_name: str) -> str:
        """Return a stack's deployment as the CLI prints it; its secrets stay encrypted."""
        return self._run_pulumi_cmd_sync(["stack", "export", "--stack", stack_name]).stdout

    def _secrets(self) -> list[str]:
        return [f"--secrets-provider={self.secrets_provider}"] if self.secrets_provider else []


class Project:
    """The project in a folder; `preview_configs` is the folder of a preview's temporary config."""

    def __init__(
        self,
        folder: Path,
        command: Interruptible,
        secrets_provider: str | None = None,
        *,
        preview_configs: Path | None = None,
        preview_options: Iterable[str] = (),
    ) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._command = command
        self._secrets_provider = secrets_provider
        self._preview_configs = preview_configs
        self._preview_options = tuple(preview_options)
        self._workspace = self._workspace_of(command)
        self._made: dict[str, bool] = {}
        """The stacks that a preview created, and whether each had a config file before."""

    def stacks(self, prefix: str) -> list[str]:
        """Return the stacks whose names are the prefix and a number."""
        bare = prefix.rpartition("/")[2]  # a backend may omit the organization
        names = (name.rpartition("/")[2] for name in _names(self._workspace.list_stacks_json()))
        numbers = (name[len(bare) :] for name in names if name.startswith(bare))
        return sorted(f"{prefix}{number}" for number in numbers if number.isdecimal())

    def configured(self, stacks: list[str]) -> dict[str, Shard]:
        """Return the shard in the config of each stack that has one."""
        found = {stack: self._config(stack) for stack in stacks}
        return {
            stack: Shard.parse(str(config[_SHARD]), _text(config.get(_RESHARD_FROM)))
            for stack, config in found.items()
            if config.get(_SHARD)
        }

    def recorded(self, stack: str) -> str | None:
        """Return the split in a stack's state, if any."""
        deployment = json.loads(self._workspace.export_json(stack)).get("deployment") or {}
        parts = [one.get("outputs") or {} for one in deployment.get("resources") or () if _is_part(one)]
        splits = {f"{int(one['count'])}" + (f" by {one['label']}" if one.get("label") else "") for one in parts}
        return splits.pop() if len(splits) == 1 else None

    def prepare(self, part: StackPart) -> None:
        """Create a missing stack, and write its shard into its config."""
        if not part.exists:
            self._workspace.create_stack(part.stack)
        if part.is_changed:
            self._configure(part)

    def configure_preview(self, part: StackPart) -> None:
        """Create a missing stack, and write the config with its shard into a temporary file."""
        if not part.exists:
            had_config = stack_config_file(self._folder, part.stack).exists()
            self._workspace.create_stack(part.stack)
            self._made[part.stack] = had_config
        self._config(part.stack)  # an error where it is no map
        text = _parsed(stack_config_file(self._folder, part.stack), lambda text: _with_shard(text, part.shard))
        self._preview_config(part.stack).write_text(text, encoding="utf-8")

    def remove_created(self, part: StackPart) -> None:
        """Remove a stack that a preview created, with its config file if that is new."""
        if part.stack in self._made:
            self._workspace.remove_stack(part.stack, preserve_config=self._made.pop(part.stack))

    def stack(self, name: str) -> Stack:
        """Return a stack that is there; in a preview with the config that was made for it."""
        options = list(self._preview_options)
        if self._preview_configs and self._preview_config(name).exists():
            options += ["--config-file", str(self._preview_config(name))]
        command = WithOptions(self._command, "preview", options)
        return Stack.select(name, self._workspace_of(command) if options else self._workspace)

    def _workspace_of(self, command: Any) -> _Workspace:
        return _Workspace(
            work_dir=str(self._folder), pulumi_command=command, secrets_provider=self._secrets_provider, env_vars={}
        )

    def _configure(self, part: StackPart) -> None:
        if part.before and part.before.former_split and not part.shard.former_split:
            self._workspace.remove_config(part.stack, _RESHARD_FROM)
        config = {key: ConfigValue(value) for key, value in _config_of(part.shard).items()}
        self._workspace.set_all_config(part.stack, config)

    def _config(self, stack: str) -> dict[str, Any]:
        """Return the values in a stack's config file; ConduitError if it cannot be parsed."""
        file = stack_config_file(self._folder, stack)
        settings = _parsed(file, yaml.safe_load) or {}
        config = (settings.get("config") or {}) if isinstance(settings, dict) else None
        if not isinstance(config, dict):
            raise ConduitError(f"{escaped(str(file), 200)}: has no map of `config`; fix it")
        return config

    def _preview_config(self, stack: str) -> Path:
        return (self._preview_configs or Path()) / f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def _config_of(shard: Shard) -> dict[str, str]:
    former = {_RESHARD_FROM: shard.former_split} if shard.former_split else {}
    return {_SHARD: f"{shard.index}/{shard.split}", **former}


def _parsed(file: Path, parse: Callable[[str], T]) -> T:
    """Return what a YAML function makes of a config file, or of nothing without one; ConduitError if it is invalid."""
    is_json = file.suffix == ".json"
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else "{}"
        # JSON is YAML, except for tabs and some escapes.
        return parse(json.dumps(json.loads(text), ensure_ascii=False) if is_json else text)
    except (ValueError, yaml.YAMLError, RecursionError):
        kind = "JSON" if is_json else "YAML"
        raise ConduitError(f"{escaped(str(file), 200)}: is not valid {kind}; fix it") from None


def _with_shard(text: str, shard: Shard) -> str:
    """Return a config file's text with another shard, and all other values as they are written.

    They are not parsed: 12:30, yes and 0o17 are other values to the CLI than to PyYAML.
    """
    entries = _entries(yaml.compose(text, Loader=yaml.SafeLoader))
    _, config = entries.pop("config", (None, None))
    values = _entries(config)
    values.pop(_RESHARD_FROM, None)
    values |= {key: (_scalar(key), _scalar(value)) for key, value in _config_of(shard).items()}
    entries["config"] = (_scalar("config"), _mapping(values))
    return str(yaml.serialize(_mapping(entries), Dumper=_BlockDumper, allow_unicode=True, width=float("inf")))


class _BlockDumper(yaml.SafeDumper):
    """Writes no collection in brackets: between them 1:20 would be quoted, and be another value."""

    def emit(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            event.flow_style = False
        super().emit(event)


def _entries(node: yaml.Node | None) -> _Entries:
    """Return the entries of a map, merged ones included, by name."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    yaml.SafeLoader("").flatten_mapping(node)
    return {key.value: (key, value) for key, value in node.value}


def _mapping(entries: _Entries) -> yaml.Node:
    return yaml.MappingNode("tag:yaml.org,2002:map", list(entries.values()), flow_style=False)


def _scalar(text: str) -> yaml.Node:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _names(printed: str) -> Iterator[str]:
    """Yield the names in the CLI's list of stacks; ConduitError if it cannot be parsed."""
    try:
        yield from [str(one["name"]) for one in json.loads(printed)]
    except (ValueError, TypeError, KeyError):
        begin = escaped(" ".join(printed.split()), 100) or "nothing"
        raise ConduitError(
            f"`pulumi stack ls --json` printed no list of stacks, but: {begin}; is `pulumi` on PATH the Pulumi CLI?"
        ) from None


def _is_part(resource: dict[str, Any]) -> bool:
    return resource.get("type") == _PART_OF_A_ROSTER and not resource.get("delete")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
