"""Pulumi's dynamic provider protocol, mapped to handlers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, Config, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.output import Unknown as EngineUnknown

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.account_access import AccountAccessHandler
from pulumi_conduit.resources.account_access_exclusive.handler import AccountAccessExclusiveHandler
from pulumi_conduit.resources.company.handler import CompanyHandler
from pulumi_conduit.resources.conductor_user.handler import ConductorUserHandler
from pulumi_conduit.resources.fields import UNKNOWN, is_unknown, to_properties
from pulumi_conduit.resources.lifecycle import Handler, Operation
from pulumi_conduit.resources.limits import Missing
from pulumi_conduit.resources.provider_context import DEFAULT_WORKERS, ProviderContext
from pulumi_conduit.resources.roster_shard import RosterShardHandler
from pulumi_conduit.sdk_hooks import speed_up_server
from pulumi_conduit.sdk_internals import (
    EngineLog,
    current_ignore_changes,
    current_urn,
    set_worker_threads,
    show_errors_in_one_line,
)
from pulumi_conduit.server.declared_grants import DeclaredGrants
from pulumi_conduit.server.declared_resources import DeclaredResources, DeclaredShards
from pulumi_conduit.server.engine_process import CallCounter, end_with_engine
from pulumi_conduit.settings import Settings
from pulumi_conduit.settings.sources import stack_config

_PROVIDER = "__provider"
_AS_THEY_ARE = (str, bool)  # nearly all values, and the tests for the others are slow


def from_engine(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without the provider's entry, with whole numbers as `int` and unknown values as `UNKNOWN`."""
    return {name: _from_engine(value) for name, value in properties.items() if name != _PROVIDER}


def to_engine(properties: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties for the engine, with its own objects for unknown values."""
    return {name: given[name] if is_unknown(value) else value for name, value in properties.items()}


def _from_engine(value: Any) -> Any:
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, EngineUnknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _from_engine(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_from_engine(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


__all__ = ["check", "configure", "create", "delete", "diff", "read", "update"]

Properties = Mapping[str, Any]

_HANDLERS: Mapping[str, type[Handler[Any, Any]]] = {
    "company": CompanyHandler,
    "user": ConductorUserHandler,
    "grant": AccountAccessHandler,
    "grant list": AccountAccessExclusiveHandler,
    "shard": RosterShardHandler,
}
_LOG = EngineLog()
_LOCK = threading.Lock()
_CONTEXT: list[ProviderContext] = []
_DECLARED: list[DeclaredResources] = []
_CALLS = CallCounter()


def configure(config: Config) -> None:
    """Take the settings; the first call in a process configures all kinds."""
    with _LOCK:
        if not _CONTEXT:
            settings = Settings(os.environ, stack_config(lambda key: config.get(f"conduit:{key}")))
            show_errors_in_one_line(settings.debug)
            run = ProviderContext(
                settings, _log_request, workers=set_worker_threads(settings.workers()) or DEFAULT_WORKERS
            )
            speed_up_server()
            program = DeclaredResources(run)
            run.registry.ask_program(program.declarers)
            run.registry.ask_grants(program.grants_left_out)
            run.registry.ask_users(program.users)
            _DECLARED.append(program)
            run.registry.ask_rosters(DeclaredShards(run))
            run.declaration_log = DeclaredGrants(run)
            _CONTEXT.append(run)
            end_with_engine(_CALLS)


def check(kind: str, olds: Properties, news: Properties) -> CheckResult:
    """Return the inputs in normal form, and every validation failure.

    No failure names a property: the engine would print its value, which may be a secret.
    """
    _DECLARED[0].open_run_file()
    _CONTEXT[0].checked.add(current_urn())
    with _call(kind, news) as handler:
        checked = handler.check(from_engine(olds), from_engine(news))
    return CheckResult(to_engine(checked.inputs, news), [CheckFailure("", reason) for reason in checked.reasons])


def diff(kind: str, olds: Properties, news: Properties) -> DiffResult:
    """Return whether the resource changes.

    `changes` is None when inputs changed, so that the engine shows which; False keeps a changed pickle of the provider
    from being a change; True is for a change without changed inputs.

    Where an object that is replaced is deleted first, the engine asks, before the check of the resources that depend
    on it, whether an unknown value would replace them, and if so deletes them, too, whatever the value comes to. So
    what is unknown replaces nothing then.
    """
    with _call(kind, news) as handler:
        new = from_engine(news)
        found = handler.diff(handler.state(from_engine(olds)), new)
        if not found:
            _succeeded(handler, handler.spec(new))
        is_checked = handler.operation.urn in handler.context.checked
    replaces = [name for name in found.replaces if is_checked or not is_unknown(new.get(name))]
    return DiffResult(changes=None if found.changed else bool(found), replaces=replaces)


def create(kind: str, props: Properties) -> CreateResult:
    """Create the object, or adopt it."""
    with _call(kind, props) as handler:
        spec = handler.spec(from_engine(props))
        state = handler.create(spec)
        _succeeded(handler, spec)
    return CreateResult(state.id, to_properties(state))


def read(kind: str, resource_id: str, props: Properties) -> ReadResult:
    """Return the actual state; without recorded outputs this is `X.get`, for which a missing object is an error."""
    recorded = from_engine(props)
    with _call(kind, props) as handler:
        is_get = _is_get(handler, recorded)
        with handler.context.gate.reading():
            live = (
                handler.get(resource_id, recorded.get("profile")) if is_get else handler.read(handler.state(recorded))
            )
        if not isinstance(live, Missing):
            return ReadResult(live.id, to_properties(live), live.inputs())
        handler.confirm_missing(live, recorded.get("profile"))
    return ReadResult("", {})


def _is_get(handler: Handler[Any, Any], recorded: Properties) -> bool:
    """Return whether nothing was recorded: a `get` has a profile only, and what transformations have added."""
    if not recorded.keys() - {"profile"}:
        return True
    if "tenant" in recorded:
        return False
    try:
        handler.state(recorded)
    except ConduitError:
        return True
    return False


def update(kind: str, olds: Properties, news: Properties) -> UpdateResult:
    """Update the object to the declaration."""
    with _call(kind, news) as handler:
        spec = handler.spec(from_engine(news))
        state = handler.update(handler.state(from_engine(olds)), spec)
        _succeeded(handler, spec)
    return UpdateResult(to_properties(state))


def delete(kind: str, props: Properties) -> None:
    """Delete the object as its kind does: deactivate, close the page, remove access, or nothing."""
    with _call(kind, props) as handler:
        handler.delete(handler.state(from_engine(props)))


@contextmanager
def _call(kind: str, properties: Properties) -> Iterator[Handler[Any, Any]]:
    """Serve one call of the engine within the deadline of the resource's profile."""
    run, urn = _CONTEXT[0], current_urn()
    with _CALLS.one_more(), operation(run.settings.deadline_s(_profile(properties.get("profile")))):
        yield _HANDLERS[kind](
            Operation(
                run,
                urn,
                lambda message: _LOG.warn(urn, message),
                lambda message: _LOG.info(urn, message),
                ignored=current_ignore_changes(),
            )
        )


def _profile(given: Any) -> str | None:
    """Return a profile, or None if it is unknown or invalid, which check reports."""
    try:
        return None if given is None else fields.profile(given)
    except ValueError:
        return None


def _succeeded(handler: Handler[Any, Any], spec: Any) -> None:
    """Record that the object is as this resource declares it, so that another resource's delete does not change it."""
    handler.context.registry.succeed(handler.key(spec), handler.operation.urn)


def _log_request(method: str, path: str, status: int | None, milliseconds: float) -> None:
    _LOG.debug(f"conduit: {method} {path} {status or 'no response'} {milliseconds:.0f} ms")
