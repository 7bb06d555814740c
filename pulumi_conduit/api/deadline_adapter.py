"""Connections whose every wait ends with the operation, whatever the other side does.

Must not know requests, answers or retries. A socket's timeout begins anew with each byte, so a server that drips its
headers, a name server that is silent, or an address that swallows packets could each outlast any deadline. And servers
close what was idle, common ones after five seconds: a POST that meets that would be lost, nobody knows whether on the
way there or back. So a connection that was idle is not used again.
"""

from __future__ import annotations

import http.client
import io
import math
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError

from pulumi_conduit.api.deadline import remaining_s

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from urllib3.response import HTTPResponse

__all__ = ["DeadlineAdapter"]

_LONGEST_IDLE_S = 3.0


class _Bytes(io.RawIOBase):
    """The bytes that a socket receives, for as long as the operation lasts."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        """Take the socket, whose timeout is the longest wait for the next bytes, and its reading end."""
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._longest_s = sock.gettimeout()

    def readable(self) -> bool:
        """Return that bytes can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Wait for bytes, but never longer than the operation lasts."""
        _hurry(self._sock, self._longest_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Bytes(sock, self.fp.detach()))


class _DeadlineConnection(HTTPConnection):
    response_class = _Response
    debuglevel = 0  # whoever sets that of `http.client` would print passwords and tokens
    _answered_at = -math.inf

    @property
    def is_connected(self) -> bool:
        """Whether it may be used again, as urllib3 asks before each request."""
        return monotonic() - self._answered_at < _LONGEST_IDLE_S and super().is_connected

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself has it
        """Wait for an answer, and remember when it came."""
        answer = super().getresponse()
        self._answered_at = monotonic()
        return answer

    def _new_conn(self) -> socket.socket:
        # Nothing can interrupt the lookup of a name, nor bound the sum over its addresses, so both are left behind.
        attempt = _in_background(super()._new_conn)
        try:
            sock = attempt.result(timeout=remaining_s())
            _hurry(sock, self.timeout)
        except (FutureTimeoutError, TimeoutError):
            attempt.add_done_callback(_close)
            raise ConnectTimeoutError(self, "the time ran out before there was a connection") from None
        return sock

    def send(self, data: Any) -> None:
        """Send bytes, but wait no longer than the operation lasts until they are taken."""
        if self.sock is not None:
            _hurry(self.sock, self.timeout)
        super().send(data)


class _DeadlineTlsConnection(_DeadlineConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class DeadlineAdapter(HTTPAdapter):
    """What makes the connections of a `requests` session punctual."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Prepare direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Prepare connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def close(self) -> None:
        """Close the idle connections now; urllib3 would leave that to whenever a pool is collected as garbage."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 -- urllib3's container refuses to be iterated over
                manager.pools[key].close()
        super().close()


def _hurry(sock: socket.socket, longest_s: float | None) -> None:
    """Let the socket wait no longer than this and what is left of the operation."""
    left_s = remaining_s()
    if left_s is not None and left_s <= 0:
        raise TimeoutError("the operation is over")
    waits = [wait_s for wait_s in (longest_s, left_s) if wait_s is not None]
    sock.settimeout(min(waits) if waits else None)


def _in_background(connect: Callable[[], socket.socket]) -> Future[socket.socket]:
    attempt: Future[socket.socket] = Future()

    def run() -> None:
        try:
            attempt.set_result(connect())
        except BaseException as error:  # noqa: BLE001 -- whatever it is, it belongs to the thread that waits
            attempt.set_exception(error)

    Thread(target=run, name="conduit-connect", daemon=True).start()
    return attempt


def _close(attempt: Future[socket.socket]) -> None:
    if attempt.exception() is None:
        attempt.result().close()
