"""Provider processes, the calls that the engine makes of them, and an operation's configured providers by reference.

A provider does not take secrets or references: they are sent in the clear, and what comes back under the same name is
made secret again, as Pulumi's `sdk/go/common/resource/plugin/provider_plugin.go` does.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_conduit.testing.engine.states import PROVIDER_TYPE
from pulumi_conduit.testing.engine.values import Properties, annotate, from_struct, has_unknown, plain, to_struct
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pulumi_conduit.testing.engine import processes
    from pulumi_conduit.testing.engine.states import Snapshot, State

__all__ = ["CallError", "Checked", "Configured", "Diffed", "Observed", "Provider", "Registry"]

# A provider's error is a whole traceback in the metadata, far beyond gRPC's default of 8 KiB.
CHANNEL_OPTIONS = (
    ("grpc.max_metadata_size", 16 * 1024 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024 * 1024),
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
    ("grpc.enable_http_proxy", 0),  # the engine and its children talk on loopback
)
_INTERNAL = {"version", "pluginDownloadURL", "__internal"}
_FENCE = "pulumi_conduit.testing.children.guard.SandboxOnlyError: "


class CallError(Exception):
    """A provider refused a call; the text is its own."""


@dataclass(frozen=True)
class Checked:
    """The inputs as the provider wants them, and what is wrong with them as (property, reason)."""

    inputs: Properties
    failures: list[tuple[str, str]]


@dataclass(frozen=True)
class Diffed:
    """A provider's response to Diff; `changes` is None if the engine decides."""

    changes: bool | None
    replaces: list[str]
    delete_before_replace: bool


@dataclass(frozen=True)
class Observed:
    """What a Read found; no id means that the resource was not found."""

    id: str
    outputs: Properties
    inputs: Properties | None


class Configured:
    """A provider process with its configuration, or without one that is known, which no call reaches."""

    def __init__(self, process: Callable[[], Provider], inputs: Properties) -> None:
        """Take a process, and configure it, at the first call."""
        self.inputs = inputs
        self._process = process
        self._args = {name: value for name, value in inputs.items() if name not in _INTERNAL}
        self.is_known = not has_unknown(self._args)
        self._ready: asyncio.Task[Provider] | None = None

    async def check(self, state: State, olds: Properties, news: Properties, *, preview: bool) -> Checked:
        """Return the inputs as the provider wants them."""
        if not self.is_known:
            return Checked(news, [])
        request = provider_pb2.CheckRequest(
            urn=state.urn, olds=to_struct(olds, unknowns=preview), news=to_struct(news, unknowns=preview)
        )
        answer = await self._call("Check", request, state)
        inputs = from_struct(answer.inputs)
        annotate(inputs, news)
        return Checked(inputs, [(one.property, one.reason) for one in answer.failures])

    async def diff(self, state: State, old: State, news: Properties, *, preview: bool) -> Diffed:
        """Compare what was recorded with the new inputs."""
        if not self.is_known:
            return Diffed(changes=True, replaces=[], delete_before_replace=False)
        request = provider_pb2.DiffRequest(
            id=old.id,
            urn=state.urn,
            olds=to_struct(old.outputs, unknowns=preview),
            news=to_struct(news, unknowns=preview),
            ignoreChanges=state.ignore_changes,
        )
        _set(request, "old_inputs", to_struct(old.inputs, unknowns=preview))
        answer = await self._call("Diff", request, state)
        changes = {answer.DIFF_NONE: False, answer.DIFF_SOME: True}.get(answer.changes)
        return Diffed(changes, list(answer.replaces), answer.deleteBeforeReplace)

    async def create(self, state: State) -> tuple[str, Properties]:
        """Create, and return id and outputs."""
        request = provider_pb2.CreateRequest(
            urn=state.urn, properties=to_struct(state.inputs), timeout=state.custom_timeouts.get("create", 0)
        )
        answer = await self._call("Create", request, state)
        if not answer.id:
            raise CallError("provider did not return an ID from Create")
        return answer.id, _outputs(answer.properties, state.inputs)

    async def update(self, old: State, new: State) -> Properties:
        """Update, and return the outputs."""
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            olds=to_struct(old.outputs),
            news=to_struct(new.inputs),
            ignoreChanges=new.ignore_changes,
            timeout=new.custom_timeouts.get("update", 0),
        )
        _set(request, "old_inputs", to_struct(old.inputs))
        return _outputs((await self._call("Update", request, new)).properties, new.inputs)

    async def read(self, state: State, inputs: Properties, outputs: Properties) -> Observed:
        """Read the actual resource."""
        if not self.is_known:
            return Observed("", {}, {})
        request = provider_pb2.ReadRequest(
            id=state.id, urn=state.urn, properties=to_struct(outputs), inputs=to_struct(inputs)
        )
        answer = await self._call("Read", request, state)
        found = None
        if answer.HasField("inputs"):
            found = from_struct(answer.inputs)
            annotate(found, inputs)
        return Observed(answer.id, _outputs(answer.properties, outputs), found)

    async def delete(self, state: State) -> None:
        """Delete."""
        request = provider_pb2.DeleteRequest(
            id=state.id,
            urn=state.urn,
            properties=to_struct(state.outputs),
            timeout=state.custom_timeouts.get("delete", 0),
        )
        _set(request, "old_inputs", to_struct(state.inputs))
        await self._call("Delete", request, state)

    async def _call(self, verb: str, request: Any, state: State) -> Any:
        for field, value in (("name", parse_urn(state.urn).name), ("type", state.type)):
            _set(request, field, value)
        if self._ready is None:
            self._ready = asyncio.create_task(self._configure())
        provider = await asyncio.shield(self._ready)
        return await provider.call(verb, request)

    async def _configure(self) -> Provider:
        provider = self._process()
        await provider.configure(self._args)
        return provider


class Provider:
    """One process of the SDK's dynamic provider server."""

    def __init__(self, launch: Callable[[], Awaitable[processes.Child]], hear: Callable[[str], None]) -> None:
        """Start the process; `hear` gets what it prints."""
        self._hear = hear
        self._starting = asyncio.create_task(self._start(launch))
        self._channel: grpc.aio.Channel | None = None

    async def _start(self, launch: Callable[[], Awaitable[processes.Child]]) -> processes.Child:
        child = await launch()
        port = await child.first_line()
        child.listen(self._hear)
        if port.isdigit():
            self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        return child

    async def configure(self, args: Properties) -> None:
        """Hand over the provider's configuration."""
        variables = {f"pulumi-python:config:{name}": _as_text(plain(value)) for name, value in args.items()}
        request = provider_pb2.ConfigureRequest(
            args=to_struct(args, rich=True), variables=variables, acceptSecrets=True, acceptResources=True
        )
        await self.call("Configure", request)

    async def call(self, verb: str, request: Any) -> Any:
        """Make one call.

        Raises:
            CallError: the provider refused it, or has ended.

        """
        await asyncio.shield(self._starting)
        if self._channel is None:
            raise CallError("the provider server did not start; see what it printed")
        stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)
        try:
            return await getattr(stub, verb)(request)
        except grpc.aio.AioRpcError as error:
            raise CallError(_text(error)) from None

    async def end(self) -> None:
        """End the process."""
        child = await self._starting
        if self._channel is not None:
            await self._channel.close()
        await child.end()


def _outputs(answered: Any, by: Properties) -> Properties:
    outputs = from_struct(answered)
    annotate(outputs, by)
    return outputs


def _set(message: Any, field: str, value: Any) -> None:
    """Set a field that older SDKs do not have."""
    if field in message.DESCRIPTOR.fields_by_name:
        target = getattr(message, field)
        if hasattr(target, "CopyFrom"):
            target.CopyFrom(value)
        else:
            setattr(message, field, value)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(error: grpc.aio.AioRpcError) -> str:
    details = error.details() or ""
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return "error reading from server: EOF"  # as Pulumi says it
    lines = details.strip().splitlines() or [str(error.code())]
    return lines[-1].removeprefix(_FENCE) if lines[-1].startswith(_FENCE) else details.strip()


class Registry:
    """Starts a process for each provider resource, when the first of its resources needs it."""

    def __init__(self, launch: Callable[[], Provider], snapshot: Snapshot) -> None:
        """Start the first process at once: it takes as long as the program, and nearly every program needs one."""
        self._launch, self._snapshot = launch, snapshot
        self._spare: Provider | None = launch()
        self._running: list[Provider] = [self._spare]
        self._configured: dict[str, Configured] = {}

    def configure(self, state: State) -> None:
        """Make a provider resource usable; one whose inputs are as before keeps its process."""
        reference = f"{state.urn}::{state.id}"
        known = self._configured.get(reference)
        if known is None or known.inputs != state.inputs:
            self._configured[reference] = Configured(self._process, state.inputs)

    def get(self, reference: str) -> Configured:
        """Return a provider; one that the program has not registered comes from the state.

        Raises:
            CallError: there is none of that reference.

        """
        if reference not in self._configured:
            recorded = (one for one in self._snapshot.base if one.type == PROVIDER_TYPE)
            found = next((one for one in recorded if f"{one.urn}::{one.id}" == reference), None)
            if found is None:
                raise CallError(f"could not find provider {reference}")
            self.configure(found)
        return self._configured[reference]

    def has(self, reference: str) -> bool:
        """Return whether a provider was registered, or used before."""
        return reference in self._configured

    def _process(self) -> Provider:
        if self._spare is not None:
            provider, self._spare = self._spare, None
            return provider
        self._running.append(self._launch())
        return self._running[-1]

    async def end(self) -> None:
        """End all processes."""
        await asyncio.gather(*(provider.end() for provider in self._running))
