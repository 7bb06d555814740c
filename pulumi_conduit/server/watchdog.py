"""Ends the provider process when its engine has ended: a killed engine would leave it running.

The parent process is no indication, because a shell is between. So the engine's address, an argument of the server, is
connected to every second. Calls in progress finish first.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_conduit.sdk_internals import server_engine_address

__all__ = ["CallCounter", "end_with_engine"]

_EVERY_S = 1.0
_CONNECT_TIMEOUT_S = 1.0
_MAX_REFUSED = 3  # one refused connection may be a full queue


class CallCounter:
    """The number of calls in progress."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a call while it is served."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1

    def is_idle(self) -> bool:
        """Return whether no call is in progress."""
        return self._count == 0


def end_with_engine(calls: CallCounter) -> None:
    """Watch the engine from now on; one that cannot be reached now is not watched."""
    host, _, port = server_engine_address().rpartition(":")
    if port.isdigit() and _can_connect(host, int(port)):
        threading.Thread(target=_watch, args=(host, int(port), calls), name="conduit-watchdog", daemon=True).start()


def _watch(host: str, port: int, calls: CallCounter) -> None:
    refused = 0
    while refused < _MAX_REFUSED or not calls.is_idle():
        time.sleep(_EVERY_S)
        refused = 0 if _can_connect(host, port) else refused + 1
    os._exit(0)


def _can_connect(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S):
            return True
    except (OSError, RuntimeError):  # RuntimeError: an audit hook may forbid it, as the test kit's does
        return False
