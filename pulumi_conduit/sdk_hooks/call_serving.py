"""Serves a call of the provider's server in the thread that receives it; gRPC hands each from one to another, twice.

Its one thread receives, and those of a pool serve. Here as many threads as the pool may have do both.
"""

from __future__ import annotations

import atexit
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from grpc import _server

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_cygrpc: Any = getattr(_server, "cygrpc", None)
_GRPC_VERSIONS = ((1, 68), (1, 85))  # the first and the last one that this release was tried with
_FUNCTIONS = {
    "_handle_unary_unary": ("rpc_event", "state", "method_handler"),
    "_receive_message": ("state", "call", "request_deserializer"),
    "_unary_response_in_pool": ("rpc_event", "state", "behavior", "argument_thunk"),
    "_abort": ("state", "call", "code", "details"),
    "_serve": ("state",),
}


def fits() -> bool:
    """Return whether gRPC hands calls to a pool as the versions do that this release was tried with."""
    first, last = _GRPC_VERSIONS
    running: Any = _running_server()
    return (
        first <= tuple(map(int, grpc.__version__.split(".")[:2])) <= last
        and isinstance(getattr(running, "thread_pool", None), ThreadPoolExecutor)
        and running.maximum_concurrent_rpcs is None  # else those in the pool are counted
        and all(has_parameters(_server, name, *parameters) for name, parameters in _FUNCTIONS.items())
        and has_names(_server, "_handle_with_method_handler", "condition", "_handle_unary_unary")
        and has_names(_server, "_process_event_and_continue", "lock", "rpc_states", "remove", "tag")
    )


def install(_server_module: Any) -> None:
    """Serve so from the next call on, and start the threads."""
    running: Any = _running_server()
    wrap_once(_server, "_handle_unary_unary", lambda handle: _at_once(handle, running.thread_pool))
    for _ in range(running.thread_pool._max_workers - 1):  # noqa: SLF001 - one thread receives already
        threading.Thread(target=_server._serve, args=(running,), daemon=True).start()  # noqa: SLF001 - see above


def _running_server() -> Any:
    """Return the state of the server that the main thread waits for, or None."""
    main = sys.modules["__main__"]
    frame: FrameType | None = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented
    while frame is not None:
        if frame.f_globals is vars(main) and isinstance(found := frame.f_locals.get("server"), grpc.Server):
            return getattr(found, "_state", None)
        frame = frame.f_back
    return None


def _at_once(handle: Callable[..., Any], pool: ThreadPoolExecutor) -> Callable[..., Any]:
    calls = _Calls()
    atexit.register(calls.wait)

    def handle_unary_unary(rpc_event: Any, state: Any, method_handler: Any, thread_pool: ThreadPoolExecutor) -> Any:
        if thread_pool is not pool:
            return handle(rpc_event, state, method_handler, thread_pool)
        parsing, writing = method_handler.request_deserializer, method_handler.response_serializer
        receive = _server._receive_message(state, rpc_event.call, parsing)  # noqa: SLF001 - see the module

        def received(event: Any) -> Any:
            finished = receive(event)
            if state.request is None:
                _refuse(rpc_event, state)
            else:
                behavior, request = method_handler.unary_unary, state.request
                calls.serve(state, rpc_event, behavior, lambda: request, parsing, writing)
            return finished

        rpc_event.call.start_server_batch((_cygrpc.ReceiveMessageOperation(0),), received)
        state.due.add(_server._RECEIVE_MESSAGE_TOKEN)  # noqa: SLF001 - likewise
        return None  # no other thread has a part in it

    return handle_unary_unary


def _refuse(rpc_event: Any, state: Any) -> None:
    """Answer a call without a message as gRPC does, unless an answer has been given, or it has been cancelled."""
    details = f'"{rpc_event.call_details.method}" requires exactly one request message.'
    with state.condition:
        if state.client is _server._CLOSED and not state.statused:  # noqa: SLF001 - see the module
            _server._abort(state, rpc_event.call, _cygrpc.StatusCode.unimplemented, details.encode())  # noqa: SLF001 - likewise


class _Calls:
    """The calls that are being served, which the end of the process waits for, as for those in a pool."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def serve(self, state: Any, rpc_event: Any, *call: Any) -> None:
        """Serve a call; as in a pool, what a handler raises ends no thread, not even `sys.exit`."""
        with self._changed:
            self._count += 1
        try:
            with suppress(BaseException):
                state.context.run(_server._unary_response_in_pool, rpc_event, state, *call)  # noqa: SLF001 - see the module
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Wait until none is being served."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0)
