"""What a program asks for: a registration as the engine's own data. Reads the protocol, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.states import Alias
from pulumi_conduit.testing.engine.values import Properties, from_struct
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from pulumi.runtime.proto import resource_pb2

    from pulumi_conduit.testing.engine.states import State

__all__ = ["Goal", "Registration", "goal_from_read", "goal_from_register"]

# Fields whose mere presence asks for what the embedded engine does not do, by the option's name in the SDK.
_UNSUPPORTED = {
    "remote": "a remote component",
    "importId": "import_",
    "replacement_trigger": "replacement_trigger",
    "transforms": "transforms",
    "hooks": "hooks",
    "packageRef": "a package",
    "replace_with": "replace_with",
    "envVarMappings": "env_var_mappings",
    "stateMigrations": "a state migration",
    "version": "version",
    "pluginDownloadURL": "plugin_download_url",
}
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0}


@dataclass
class Goal:
    """One resource as the program wants it."""

    type: str
    name: str
    custom: bool
    inputs: Properties = field(default_factory=dict)
    id: str = ""  # of a resource that is only read
    parent: str = ""
    provider: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)

    def inherit(self, parent: Goal) -> None:
        """Take over what children have from their parents."""
        self.deleted_with = self.deleted_with or parent.deleted_with
        self.protect = parent.protect if self.protect is None else self.protect
        self.retain_on_delete = parent.retain_on_delete if self.retain_on_delete is None else self.retain_on_delete
        if not self.provider and (not self.custom or _package_of(parent.provider) == self.package):
            self.provider = parent.provider

    @property
    def package(self) -> str:
        """The package that the type belongs to."""
        return self.type.partition(":")[0]


@dataclass
class Registration:
    """A goal, and the waiter for its result; None means that it failed or was skipped."""

    goal: Goal
    settled: asyncio.Future[State | None]

    def settle(self, state: State | None) -> None:
        """Return the result to the waiter."""
        if not self.settled.done():
            self.settled.set_result(state)


def _package_of(provider: str) -> str:
    return parse_urn(provider).type.rpartition(":")[2] if provider else ""


def goal_from_register(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Read a registration.

    Raises:
        EngineError: it asks for what the embedded engine does not do.

    """
    _check_supported(request)
    inputs = from_struct(request.object)
    dependencies = list(request.dependencies)
    by_property = {name: list(one.urns) for name, one in request.propertyDependencies.items()}
    before_replace = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=inputs,
        parent=request.parent,
        provider=request.provider,
        providers=dict(request.providers),
        dependencies=dependencies,
        property_dependencies=dict.fromkeys(inputs, [] if by_property else dependencies) | by_property,
        protect=_optional(request, "protect"),
        retain_on_delete=_optional(request, "retainOnDelete"),
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if before_replace else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=[Alias(urn=urn) for urn in request.aliasURNs] + [_alias(one) for one in request.aliases],
        custom_timeouts=_timeouts(request),
    )


def goal_from_read(request: resource_pb2.ReadResourceRequest) -> Goal:
    """Read a request for a resource that the program does not own."""
    for name in ("version", "pluginDownloadURL", "packageRef"):
        if getattr(request, name, ""):
            raise EngineError(_refusal(request, name))
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        id=request.id,
        inputs=from_struct(request.properties),
        parent=request.parent,
        provider=request.provider,
        dependencies=list(request.dependencies),
        additional_secret_outputs=list(request.additionalSecretOutputs),
    )


def _check_supported(request: resource_pb2.RegisterResourceRequest) -> None:
    for name in _UNSUPPORTED:
        if name not in request.DESCRIPTOR.fields_by_name:
            continue
        value = getattr(request, name)
        # A message that is not set reads as an empty one.
        if value.ByteSize() if hasattr(value, "ByteSize") else value:
            raise EngineError(_refusal(request, name))


def _refusal(request: Any, name: str) -> str:
    return (
        f"resource {request.name} ({request.type}) uses {_UNSUPPORTED[name]}, which the embedded engine does not"
        " support; use the Pulumi CLI"
    )


def _optional(request: Any, name: str) -> bool | None:
    return bool(getattr(request, name)) if request.HasField(name) else None


def _alias(alias: Any) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
        project=spec.project,
        stack=spec.stack,
    )


def _timeouts(request: Any) -> dict[str, float]:
    if not request.HasField("customTimeouts"):
        return {}
    given = {verb: getattr(request.customTimeouts, verb, "") for verb in ("create", "update", "delete", "read")}
    return {verb: _seconds(written) for verb, written in given.items() if written}


def _seconds(written: str) -> float:
    """Read a duration as `1h30m` or `45s`."""
    seconds, number = 0.0, ""
    for sign in written:
        if sign in _UNITS_S and number:
            seconds, number = seconds + float(number) * _UNITS_S[sign], ""
        elif sign in "0123456789.":
            number += sign
        else:
            raise EngineError(f"unable to parse customTimeout value {written}")
    if number:
        raise EngineError(f"unable to parse customTimeout value {written}: a unit is missing")
    return seconds
