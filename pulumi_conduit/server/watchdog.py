"""Ends the provider process when its engine is gone: an engine that is killed leaves it behind for good.

The parent process is no sign of that, since a shell stands between. So the engine's address, which the server was
given, is knocked at now and then. Whatever is on its way then comes to its end first, for half a call helps nobody.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CallCounter", "end_with_engine"]

_EVERY_S = 1.0
_KNOCK_TIMEOUT_S = 1.0
_KNOCKS = 3  # one refused connection may be a full queue


class CallCounter:
    """How many calls are on their way."""

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
        """Say whether nothing is on its way."""
        return self._count == 0


def end_with_engine(calls: CallCounter) -> None:
    """Watch the engine from now on; one that cannot be reached now is not watched."""
    host, _, port = sys.argv[-1].rpartition(":")
    if port.isdigit() and _answers(host, int(port)):
        threading.Thread(target=_watch, args=(host, int(port), calls), name="conduit-orphan", daemon=True).start()


def _watch(host: str, port: int, calls: CallCounter) -> None:
    refused = 0
    while refused < _KNOCKS or not calls.is_idle():
        time.sleep(_EVERY_S)
        refused = 0 if _answers(host, port) else refused + 1
    os._exit(0)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_KNOCK_TIMEOUT_S):
            return True
    except (OSError, RuntimeError):  # RuntimeError: an audit hook may forbid it, as the test kit's does
        return False
