"""Sends a program's debug messages from a thread, several in a request; the SDK waits for a request for each.

Four or five messages for each resource. None is lost, and the order of all messages stays: another one is sent when
those before it have been. What waits is bounded, and sent at the latest when the program ends, also if it fails. Only a
process that is killed takes the messages of the last tenth of a second with it.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
import pulumi
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import get_engine

from pulumi_conduit.sdk_hooks.replacing import has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "DebugLog", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_INTERVAL_S = 0.1
_MOST_CHARACTERS = 1 << 18
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
    """Stands between the SDK's log and the engine."""

    def __init__(self, engine: Any) -> None:
        """Send to this engine."""
        self._engine = engine
        self._waiting: list[Any] = []
        self._size = 0
        # A message may come out of a finalizer, in the middle of another one: locks that the same thread takes twice.
        self._queue_lock, self._send_lock = threading.RLock(), threading.RLock()
        self._is_closed = self._has_failed = False
        self._has_messages, self._is_over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def __getattr__(self, name: str) -> Any:
        """Return any other method of the engine."""
        return getattr(self._engine, name)

    def Log(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        """Let a debug message wait, if there is room; send any other after those that wait."""
        if request.severity == engine_pb2.DEBUG and not request.ephemeral and self._let_wait(request):
            return None
        with self._send_lock:
            self._send_waiting()
            return self._engine.Log(request)

    def close(self) -> None:
        """Send what waits, and let nothing wait from now on."""
        with self._queue_lock:
            self._is_closed = True
        self._is_over.set()
        self._has_messages.set()
        with self._send_lock, suppress(grpc.RpcError):  # the engine may be gone
            self._send_waiting()

    def _let_wait(self, request: Any) -> bool:
        with self._queue_lock:
            if self._is_closed or self._has_failed or self._size + len(request.message) > _MOST_CHARACTERS:
                return False
            self._waiting.append(request)
            self._size += len(request.message)
            self._start_thread()
        self._has_messages.set()
        return True

    def _start_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._send_in_turn, name="conduit-debug-log", daemon=True)
            self._thread.start()

    def _send_in_turn(self) -> None:
        while self._has_messages.wait() and not self._is_over.wait(_INTERVAL_S):
            self._has_messages.clear()
            self._try_to_send()

    def _try_to_send(self) -> None:
        try:
            with self._send_lock:
                self._send_waiting()
        except grpc.RpcError:
            self._has_failed = True  # the next message is sent by the program, which learns of it

    def _send_waiting(self) -> None:
        """Send all that waits; what cannot be sent goes on waiting. Call it with the lock for sending."""
        while requests := self._first_of_a_kind():
            self._engine.Log(_joined(requests))
            with self._queue_lock:
                del self._waiting[: len(requests)]
                self._size -= sum(len(one.message) for one in requests)
        self._has_failed = False

    def _first_of_a_kind(self) -> list[Any]:
        """Return the first messages that are of the same resource and stream."""
        with self._queue_lock:
            kinds = [(one.urn, one.streamId) for one in self._waiting]
            length = next((at for at, kind in enumerate(kinds) if kind != kinds[0]), len(kinds))
            return self._waiting[:length]


def _joined(requests: list[Any]) -> Any:
    joined = engine_pb2.LogRequest()
    joined.CopyFrom(requests[0])
    joined.message = _NEXT.join(one.message for one in requests)
    return joined
