"""Serves a call of the provider's server in the thread that receives it; gRPC hands each from one to another, twice.

Its one thread receives, and those of a pool serve. Here all do both, one more than the pool may have: so one always
receives, and a call that is cancelled while it waits for the others is never begun.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from grpc import _server

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once
from pulumi_conduit.sdk_internals import calling_frames, worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_cygrpc: Any = getattr(_server, "cygrpc", None)
_GRPC_VERSIONS = ((1, 68), (1, 85))  # the first and the last one that this release was tried with
_FUNCTIONS = {
    "_handle_unary_unary": ("rpc_event", "state", "method_handler"),
    "_receive_message": ("state", "call", "request_deserializer"),
    "_unary_response_in_pool": ("rpc_event", "state", "behavior", "argument_thunk"),
    "_abort": ("state", "call", "code", "details"),
    "_is_rpc_state_active": ("state",),
    "_serve": ("state",),
}


def fits() -> bool:
    """Return whether gRPC hands calls to a pool as the versions do that this release was tried with."""
    first, last = _GRPC_VERSIONS
    return (
        first <= tuple(map(int, grpc.__version__.split(".")[:2])) <= last
        and worker_pool() is not None
        and all(has_parameters(_server, name, *parameters) for name, parameters in _FUNCTIONS.items())
        and has_names(_server, "_handle_with_method_handler", "condition", "_handle_unary_unary")
        and has_names(_server, "_process_event_and_continue", "lock", "rpc_states", "remove", "tag", "active_rpc_count")
    )


def install(_server_module: Any) -> None:
    """Serve so what would go into the pool of this thread."""
    pool = worker_pool()
    wrap_once(_server, "_handle_unary_unary", lambda handle: _at_once(handle, pool))


def _at_once(handle: Callable[..., Any], pool: ThreadPoolExecutor | None) -> Callable[..., Any]:
    calls: _Calls | None = None  # until the pool is empty once: both together could serve too many

    def handle_unary_unary(rpc_event: Any, state: Any, method_handler: Any, thread_pool: ThreadPoolExecutor) -> Any:
        nonlocal calls
        if thread_pool is pool and calls is None:
            calls = _started(pool)
        if thread_pool is not pool or calls is None:
            return handle(rpc_event, state, method_handler, thread_pool)
        return _receive(rpc_event, state, method_handler, calls)

    return handle_unary_unary


def _started(pool: ThreadPoolExecutor) -> _Calls | None:
    """Start the threads, if no call is in the pool, or as many as can be; called by the thread that receives."""
    running = _running_server()
    if running is None or running.active_rpc_count or running.maximum_concurrent_rpcs is not None:
        return None
    calls = _Calls()
    with suppress(RuntimeError):  # no more threads can be started
        threading.Thread(target=calls.end_with_process, name="conduit-calls", daemon=False).start()
        for _ in range(pool._max_workers):  # noqa: SLF001 - what the pool was enlarged to
            threading.Thread(target=_server._serve, args=(running,), daemon=True).start()  # noqa: SLF001 - see the module
            calls.most += 1
    return calls if calls.most else None


def _running_server() -> Any:
    """Return the state of the server for which this thread receives, or None."""
    serving = (frame for frame in calling_frames() if frame.f_code.co_name == "_serve")
    return next((frame.f_locals.get("state") for frame in serving), None)


def _receive(rpc_event: Any, state: Any, method_handler: Any, calls: _Calls) -> None:
    """Ask for the message of a call, and serve the call in the thread that gets it."""
    parsing, writing = method_handler.request_deserializer, method_handler.response_serializer
    receive = _server._receive_message(state, rpc_event.call, parsing)  # noqa: SLF001 - see the module

    def received(event: Any) -> Any:
        finished = receive(event)
        request, state.request = state.request, None
        if request is None:
            _refuse(rpc_event, state)
        else:
            calls.serve(state, rpc_event, state, method_handler.unary_unary, lambda: request, parsing, writing)
        return finished

    rpc_event.call.start_server_batch((_cygrpc.ReceiveMessageOperation(0),), received)
    state.due.add(_server._RECEIVE_MESSAGE_TOKEN)  # noqa: SLF001 - likewise


def _refuse(rpc_event: Any, state: Any) -> None:
    """Answer a call without a message as gRPC does, unless an answer has been given, or it has been cancelled."""
    details = f'"{rpc_event.call_details.method}" requires exactly one request message.'
    with state.condition:
        if state.client is _server._CLOSED and not state.statused:  # noqa: SLF001 - see the module
            _server._abort(state, rpc_event.call, _cygrpc.StatusCode.unimplemented, details.encode())  # noqa: SLF001 - likewise


class _Calls:
    """The calls that are being served, and those that wait for one of them to end."""

    def __init__(self) -> None:
        self.most = 0
        self._changed = threading.Condition()
        self._count = 0
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._has_ended = False

    def serve(self, *call: Any) -> None:
        """Serve a call in this thread, and then those that wait; or let it wait, and return."""
        with self._changed:
            if self._count == self.most or self._has_ended:
                self._waiting.append(call)
                return
            self._count += 1
        next_one: tuple[Any, ...] | None = call
        while next_one is not None:
            _serve(*next_one)
            with self._changed:
                next_one = self._waiting.popleft() if self._waiting else None
                if next_one is None:
                    self._count -= 1
                    self._changed.notify_all()

    def end_with_process(self) -> None:
        """Keep the process, when its main thread has ended, until no call is being served; as a pool does."""
        threading.main_thread().join()
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0)
            self._has_ended = True


def _serve(state: Any, *call: Any) -> None:
    """Serve a call that is not cancelled; as in a pool, what a handler raises ends no thread, not even `sys.exit`."""
    with state.condition:
        is_active = _server._is_rpc_state_active(state)  # noqa: SLF001 - see the module
    if is_active:
        with suppress(BaseException):
            state.context.run(_server._unary_response_in_pool, *call)  # noqa: SLF001 - likewise
