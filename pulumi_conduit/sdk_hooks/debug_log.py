"""Sends a program's debug messages from a thread, several in a request; the SDK waits for a request for each.

Four or five messages for each resource. None is lost, and the order of all messages stays: another one is sent when
those before it have been. What waits is bounded, and sent at the latest when the program ends, also if it fails. Only a
process that is killed takes the messages of the last tenth of a second with it.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import grpc
import pulumi
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import get_engine

from pulumi_conduit.sdk_hooks.replacing import has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["VERSIONS", "DebugLog", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_INTERVAL_S = 0.1
_MOST_MESSAGES = 1 << 10
_MOST_CHARACTERS = 1 << 10  # of a message
_NEXT = "\ndebug: "  # as the CLI begins a message; it does so for the first of a request
_LOGS: dict[int, DebugLog] = {}
"""The logs of the programs that are running, by the id of the engine, which its log holds."""


def fits() -> bool:
    """Return whether messages go through one function, whose first argument is a connection to a real engine."""
    is_connected = hasattr(getattr(get_engine(), "Log", None), "_target")
    return is_connected and has_parameters(pulumi.log, "_log", "engine", "severity", "message")


def install(program: Any) -> None:
    """Let the messages of a program wait, until it ends."""
    engine: Any = get_engine()
    _LOGS[id(engine)] = DebugLog(engine)
    program.task.add_done_callback(lambda _: _close(engine))
    weakref.finalize(program.root, _close, engine)  # an interrupt ends the loop before the callback
    wrap_once(pulumi.log, "_log", _through_logs)


def _close(engine: Any) -> None:
    if log := _LOGS.pop(id(engine), None):
        log.close()


def _through_logs(log: Callable[..., Any]) -> Callable[..., Any]:
    def send(engine: Any, *message: Any, **named: Any) -> Any:
        return log(_LOGS.get(id(engine), engine), *message, **named)

    return send


class DebugLog:
    """Stands between the SDK's log and the engine.

    A signal handler or a finalizer may log a message anywhere in the middle of this class, in the same thread. So the
    queue has no lock, and a thread that is sending sends what comes out of them afterwards.
    """

    def __init__(self, engine: Any) -> None:
        """Send to this engine."""
        self._engine = engine
        self._waiting: deque[Any] = deque()
        self._send_lock = threading.RLock()
        self._sender: int | None = None
        self._is_closed = self._has_failed = False
        self._thread: threading.Thread | None = None

    def __getattr__(self, name: str) -> Any:
        """Return any other method of the engine."""
        return getattr(self._engine, name)

    def Log(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        """Let a debug message wait, if there is room; send any other after those that wait."""
        if self._is_sending() or (_is_joinable(request) and self._has_room(request)):
            self._let_wait(request)
            return None
        with self._sending():
            self._send_waiting()
            response = self._engine.Log(request)
        self._flush()
        return response

    def close(self) -> None:
        """Send what waits, and let nothing wait from now on."""
        self._is_closed = True
        with suppress(grpc.RpcError):  # the engine may be gone
            self._flush()

    def _is_sending(self) -> bool:
        return self._sender == threading.get_ident()

    def _has_room(self, request: Any) -> bool:
        is_open = not self._is_closed and not self._has_failed
        return is_open and len(request.message) <= _MOST_CHARACTERS and len(self._waiting) < _MOST_MESSAGES

    def _let_wait(self, request: Any) -> None:
        self._waiting.append(request)
        self._start_thread()
        if self._is_closed:  # meanwhile, by another thread
            self._flush()

    def _start_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._send_in_turn, name="conduit-debug-log", daemon=True)
            self._thread.start()

    def _send_in_turn(self) -> None:
        """Send at intervals; an event to wait for would have a lock that a signal handler cannot take twice."""
        time.sleep(_INTERVAL_S)
        while not self._is_closed:
            self._try_to_send()
            time.sleep(_INTERVAL_S)

    def _try_to_send(self) -> None:
        try:
            self._flush()
        except grpc.RpcError:
            self._has_failed = True  # the next message is sent by the program, which learns of it

    def _flush(self) -> None:
        """Send all that waits, unless this thread is about to."""
        while self._waiting and not self._is_sending():
            with self._sending():
                self._send_waiting()

    @contextmanager
    def _sending(self) -> Iterator[None]:
        with self._send_lock:
            try:
                self._sender = threading.get_ident()
                yield
            finally:
                self._sender = None

    def _send_waiting(self) -> None:
        """Send all that waits; what cannot be sent goes on waiting. Call it while sending."""
        while requests := self._first_of_a_kind():
            self._engine.Log(_joined(requests))
            for _ in requests:
                self._waiting.popleft()
        self._has_failed = False

    def _first_of_a_kind(self) -> list[Any]:
        """Return the first messages that go into one request; only the thread that sends takes any from the queue."""
        found: list[Any] = []
        for at in range(len(self._waiting)):
            if found and not _are_joinable(found[0], self._waiting[at]):
                break
            found.append(self._waiting[at])
        return found


def _is_joinable(request: Any) -> bool:
    return request.severity == engine_pb2.DEBUG and not request.ephemeral


def _are_joinable(one: Any, other: Any) -> bool:
    is_same = (one.urn, one.streamId) == (other.urn, other.streamId)
    return is_same and _is_joinable(one) and _is_joinable(other)


def _joined(requests: list[Any]) -> Any:
    joined = engine_pb2.LogRequest()
    joined.CopyFrom(requests[0])
    joined.message = _NEXT.join(one.message for one in requests)
    return joined
