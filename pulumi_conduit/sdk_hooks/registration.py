"""Sends registrations from the event loop; the SDK gives each to a thread, which waits for the engine's response.

Only registrations: every other request is made in a thread, as before. As many are in flight at once as the SDK has
threads for, in the program's order, and an error of the engine becomes the same exception.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime import resource
from pulumi.runtime.settings import SETTINGS, handle_grpc_error

from pulumi_conduit.sdk_hooks.replacing import ModuleProxy, is_module

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import CodeType

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 260), (3, 272)})
_THREADS_PER_OPERATION = 4  # of the SDK's own executor, for each operation of `--parallel`
_MOST_IN_FLIGHT = 64
_LOOPS: weakref.WeakKeyDictionary[Any, _Loop] = weakref.WeakKeyDictionary()
"""The loops of the programs that use this package."""


def fits() -> bool:
    """Return whether the SDK makes a registration in a coroutine that gives one request to an executor."""
    return is_module(getattr(resource, "asyncio", None), asyncio) and _registration() is not None


def install(_program: Any) -> None:
    """Send the registrations of the running program; other programs of this process use threads."""
    loop = asyncio.get_running_loop()
    _LOOPS[loop] = _Loop(loop)
    if getattr(resource, "asyncio", None) is asyncio:
        resource.asyncio = _Asyncio(asyncio)  # type: ignore[assignment, attr-defined]  # it stands in for the module


def _registration() -> CodeType | None:
    """Return the code of the coroutine that registers a resource, if it has the form that this hook is written for."""
    found = _inner(inspect.unwrap(resource.register_resource).__code__, "do_register")
    call = found and _inner(found, "do_rpc_call")
    if found is None or call is None:
        return None
    uses_executor = {"get_running_loop", "run_in_executor"} <= {*found.co_names}
    has_request = "monitor" in found.co_freevars and "req" in {*found.co_varnames, *found.co_cellvars}
    is_one_request = {"RegisterResource", "RpcError", "handle_grpc_error"} <= {*call.co_names}
    return found if uses_executor and has_request and is_one_request else None


def _inner(code: CodeType, name: str) -> CodeType | None:
    inner = (one for one in code.co_consts if inspect.iscode(one) and one.co_name == name)
    return next(inner, None)


class _Asyncio(ModuleProxy):
    """Replaces the `asyncio` module where the SDK registers resources."""

    def get_running_loop(self) -> Any:
        """Return the running loop, which in a program that uses this package is ours."""
        loop = asyncio.get_running_loop()
        return _LOOPS.get(loop, loop)


class _Loop:
    """The loop of a program, with registrations as requests of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.proxy(loop)
        self._code = _registration()
        operations: int | None = SETTINGS.parallel
        limit = _MOST_IN_FLIGHT if operations is None else max(operations, 1) * _THREADS_PER_OPERATION
        self._in_flight = asyncio.Semaphore(limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *args: Any) -> Awaitable[Any]:
        """Send a registration; run any other function in the executor."""
        frame = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
        if executor is None and frame.f_code is self._code:
            call = getattr(frame.f_locals["monitor"], "RegisterResource", None)
            if isinstance(call, grpc.UnaryUnaryMultiCallable):
                return self._send(call, frame.f_locals["req"])
        given: Awaitable[Any] = self._loop.run_in_executor(executor, function, *args)
        return given

    async def _send(self, call: grpc.UnaryUnaryMultiCallable[Any, Any], request: Any) -> Any:
        async with self._in_flight:
            response = call.future(request)
            ended = self._loop.create_future()
            response.add_done_callback(lambda _: self._wake(ended))
            await ended
        try:
            return response.result()
        except grpc.RpcError as error:
            handle_grpc_error(error)

    def _wake(self, ended: asyncio.Future[None]) -> None:
        with suppress(RuntimeError, ReferenceError):  # the loop was closed, as that of an interrupted program
            self._loop.call_soon_threadsafe(lambda: None if ended.done() else ended.set_result(None))
