"""Sends registrations from the event loop; the SDK gives each to a thread, which waits for the engine's response.

Reads of resources (`get`), too: a registration must not overtake them, since its check may wait for what they return.
Every other request is made in a thread, as before. As many are in flight at once as the SDK has threads for, in the
program's order. An error of the engine becomes the same exception, and a program that fails still makes the
registrations that it has begun, unless their tasks are cancelled.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import weakref
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime import resource
from pulumi.runtime.settings import SETTINGS, handle_grpc_error

from pulumi_conduit.sdk_hooks.replacing import ModuleProxy, inner_code, is_module, sending_codes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import CodeType

    _Request = tuple[Callable[[], Any], asyncio.Future[Any]]

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 260), (3, 272)})
_REQUESTS = {"do_register": "RegisterResource", "do_read": "ReadResource"}
_THREADS_PER_OPERATION = 4  # of the SDK's own executor, for each operation of `--parallel`
_MOST_IN_FLIGHT = 64
_PAUSE_S = 0.02
_LOOPS: weakref.WeakKeyDictionary[Any, _Loop] = weakref.WeakKeyDictionary()
"""The loops of the programs that use this package."""


def fits() -> bool:
    """Return whether the SDK registers and reads a resource in a coroutine that gives one request to an executor."""
    return is_module(getattr(resource, "asyncio", None), asyncio) and len(_sent_by()) == len(_REQUESTS)


def install(_program: Any) -> None:
    """Send the registrations of the running program; other programs of this process use threads."""
    loop = asyncio.get_running_loop()
    _LOOPS[loop] = _Loop(loop)
    if getattr(resource, "asyncio", None) is asyncio:
        resource.asyncio = _AsyncioOfResource(asyncio)  # type: ignore[assignment, attr-defined]  # it stands in for the module


def _sent_by() -> dict[CodeType, str]:
    """Return the request of each coroutine, by its code, that has the form that this hook is written for."""
    return {code: _REQUESTS[name] for name, code in sending_codes().items() if _sends(code, _REQUESTS[name])}


def _sends(code: CodeType, request: str) -> bool:
    call = inner_code(code, "do_rpc_call")
    uses_executor = {"get_running_loop", "run_in_executor"} <= {*code.co_names}
    has_request = "monitor" in code.co_freevars and "req" in {*code.co_varnames, *code.co_cellvars}
    return (
        uses_executor
        and has_request
        and {request, "RpcError", "handle_grpc_error"} <= {*(call.co_names if call else ())}
    )


class _AsyncioOfResource(ModuleProxy):
    """Replaces the `asyncio` module where the SDK registers resources."""

    def get_running_loop(self) -> Any:
        """Return the running loop, which in a program that uses this package is ours."""
        loop = asyncio.get_running_loop()
        return _LOOPS.get(loop, loop)


class _Loop:
    """The loop of a program, with registrations as requests of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.proxy(loop)
        self._sent_by = _sent_by()
        operations: int | None = SETTINGS.parallel
        limit = _MOST_IN_FLIGHT if operations is None else max(operations, 1) * _THREADS_PER_OPERATION
        self._requests = _Requests(self._loop, limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *args: Any) -> Awaitable[Any]:
        """Send a registration or a read; run any other function in the executor."""
        frame = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
        request = self._sent_by.get(frame.f_code)
        if executor is None and request:
            call = getattr(frame.f_locals["monitor"], request, None)
            if isinstance(call, grpc.UnaryUnaryMultiCallable):
                return self._send(call, frame.f_locals["req"])
        given: Awaitable[Any] = self._loop.run_in_executor(executor, function, *args)
        return given

    async def _send(self, call: grpc.UnaryUnaryMultiCallable[Any, Any], request: Any) -> Any:
        response = await self._requests.add(lambda: call.future(request))
        try:
            return response.result()
        except grpc.RpcError as error:
            handle_grpc_error(error)


class _Requests:
    """Requests to the engine, a number of them at once; all of them are made, also when the program has failed.

    For that, one function waits in the executor: the SDK's own threads are waited for, too. The loop sends them, as
    long as it runs.
    """

    def __init__(self, loop: Any, limit: int) -> None:
        self._loop = loop
        self._limit = limit
        self._in_flight: set[asyncio.Future[Any]] = set()
        self._waiting: deque[_Request] = deque()
        self._is_waited_for = False
        self._lock = threading.Lock()

    def add(self, send: Callable[[], Any]) -> asyncio.Future[Any]:
        """Send a request as soon as there may be one more; return what it will come to, a future that has ended."""
        ended: asyncio.Future[Any] = self._loop.create_future()
        with self._lock:
            if not self._is_waited_for:
                self._is_waited_for = True
                self._loop.run_in_executor(None, self._wait)
            self._waiting.append((send, ended))
        self._send_waiting()
        return ended

    def _wait(self) -> None:
        """Wait until all requests have ended; looking at times wakes no thread at every response."""
        is_over = False
        while not is_over:
            time.sleep(_PAUSE_S)
            if not _is_running(self._loop):
                self._send_waiting()
            elif self._waiting and not self._in_flight:  # an interrupt came between; the loop keeps the order
                self._call_in_loop(self._send_waiting)
            with self._lock:
                is_over = not self._in_flight and not self._waiting
                self._is_waited_for = not is_over

    def _send_waiting(self) -> None:
        taken: list[_Request] = []
        try:
            while self._take_next(taken):
                send, ended = taken[0]
                response = _sent(send)
                response.add_done_callback(lambda one, ended=ended: self._end(one, ended))
                taken.clear()
        except BaseException:  # an interrupt: the exit must not wait for the response to a request that was not sent
            for _, ended in taken:
                self._in_flight.discard(ended)
            raise

    def _take_next(self, taken: list[_Request]) -> bool:
        """Take a request that may be sent; one whose task was cancelled is dropped, as an executor does."""
        with self._lock:
            while self._waiting and self._waiting[0][1].cancelled():
                self._waiting.popleft()
            if len(self._in_flight) >= self._limit or not self._waiting:
                return False
            taken.append(self._waiting.popleft())
            self._in_flight.add(taken[0][1])
            return True

    def _end(self, response: Any, ended: asyncio.Future[Any]) -> None:
        with self._lock:
            self._in_flight.discard(ended)
        self._call_in_loop(self._go_on, response, ended)

    def _call_in_loop(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError, ReferenceError):  # the loop was closed: the program has failed
            self._loop.call_soon_threadsafe(function, *args)

    def _go_on(self, response: Any, ended: asyncio.Future[Any]) -> None:
        if not ended.done():
            ended.set_result(response)
        self._send_waiting()


def _is_running(loop: Any) -> bool:
    try:
        return bool(loop.is_running())
    except ReferenceError:
        return False


def _sent(send: Callable[[], Any]) -> Any:
    """Send a request; return its future, or one that has failed."""
    try:
        return send()
    except BaseException as error:  # noqa: BLE001 - it is raised where the response is asked for
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed
