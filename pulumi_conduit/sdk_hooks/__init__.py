"""Hooks that make the SDK faster, in a program and in the provider's server, without a change of what it does.

With `sdk_internals`, the only place that relies on internals of Pulumi's SDK. Each hook has the SDK versions that it
was tried with, and a test of the installed SDK; without either, the SDK is left as it is:

| hook | SDK | replaces | without it |
| --- | --- | --- | --- |
| `debug_log` | 3.216, 3.260, 3.272 | `pulumi.log._log` | a program waits for the engine at each debug message |
| `output_wait` | 3.260, 3.272 | `asyncio` in `runtime/stack.py` | the wait for outputs is quadratic in their number |
| `property_outputs` | 3.260, 3.272 | `rpc.transfer_properties` | four futures and a task for each property |
| `registration` | 3.260, 3.272 | `asyncio` in `runtime/resource.py` | a thread is handed each registration |
| `type_cache` | 3.216, 3.260, 3.272 | `_types.resource_types` | annotations are evaluated for each resource |
| `unknown_check` | 3.216, 3.260, 3.272 | `rpc.contains_unknowns` | each text is searched for unknown values |
| `stack_trace` | 3.216, 3.260, 3.272 | `traceback` in `runtime/resource.py` | source files are looked at for each |
| `mock_urn` | 3.216, 3.260, 3.272 | `create_urn` in `runtime/resource.py` | ten outputs for each URN that is not used |
| `provider_text` | 3.216, 3.260, 3.272 | `serialize_provider` | a provider is pickled for each resource |
| `garbage_collection` | 3.216, 3.260, 3.272 | Python's threshold | all resources are looked through for garbage |
| `property_reading` | 3.216, 3.260, 3.272 | `rpc.deserialize_properties` | an object for each property that is read |
| `answer_writing` | 3.216, 3.260, 3.272 | `asyncio`, `rpc` in the server | an event loop for each check |
| `call_serving` | 3.216, 3.260, 3.272 | `grpc._server._handle_unary_unary` | a call changes threads four times |

A hook serves the programs that use this package; in other programs of the process it passes everything on.
`garbage_collection` holds for the process, until the program ends. `answer_writing` and `call_serving` are for the
server, `property_reading` is for both.
"""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pulumi_conduit.sdk_hooks import (
    debug_log,
    garbage_collection,
    mock_urn,
    output_wait,
    property_outputs,
    property_reading,
    provider_text,
    registration,
    stack_trace,
    type_cache,
    unknown_check,
)
from pulumi_conduit.sdk_internals import program_task

if TYPE_CHECKING:
    import asyncio

__all__ = ["Program", "speed_up", "speed_up_server"]

_VARIABLE = "CONDUIT_SDK_HOOKS"


class Program(NamedTuple):
    """A running program: its stack, and the task that ends with it."""

    root: Any
    task: asyncio.Task[Any]


class _Hook(Protocol):
    @property
    def VERSIONS(self) -> frozenset[tuple[int, int]]:  # noqa: N802 - a constant of each module
        """The SDK versions that this release was tried with."""

    def fits(self) -> bool:
        """Return whether the installed SDK has the form that this hook was written for."""

    def install(self, running: Any, /) -> None:
        """Replace what the hook is about, for a program, or for the server's module."""


_HOOKS: tuple[_Hook, ...] = (
    debug_log,
    output_wait,
    property_outputs,
    registration,
    type_cache,
    unknown_check,
    stack_trace,
    mock_urn,
    provider_text,
    garbage_collection,
    property_reading,
)

_SEEN: weakref.WeakSet[Any] = weakref.WeakSet()


def speed_up(root: Any) -> None:
    """Install the hooks for a running program, once; without one, or with CONDUIT_SDK_HOOKS=off, do nothing.

    :raises SettingsError: if CONDUIT_SDK_HOOKS is neither `auto` nor `off`.
    """
    if root is None or root in _SEEN:
        return
    task = program_task() if _is_wanted() else None
    _SEEN.add(root)
    if task is not None:
        _install(_HOOKS, Program(root, task))


def speed_up_server() -> None:
    """Install the hooks of the provider's server, once; with CONDUIT_SDK_HOOKS=off, do nothing.

    :raises SettingsError: if CONDUIT_SDK_HOOKS is neither `auto` nor `off`.
    """
    from pulumi_conduit.sdk_hooks import answer_writing, call_serving  # noqa: PLC0415 - no program needs gRPC's server

    if _is_wanted():
        _install((property_reading, answer_writing, call_serving), sys.modules["__main__"])


def _install(hooks: tuple[_Hook, ...], running: Any) -> None:
    for hook in hooks:
        if _version() in hook.VERSIONS and hook.fits():
            hook.install(running)


def _is_wanted() -> bool:
    if not os.environ.get(_VARIABLE):
        return True
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - a program without this setting needs none of it

    return Settings(os.environ, {}).sdk_hooks() == "auto"


def _version() -> tuple[int, int]:
    from pulumi._version import version  # noqa: PLC0415 - missing in an SDK that is built from its source

    return version.major, version.minor
