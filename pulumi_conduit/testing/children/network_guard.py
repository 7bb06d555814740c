"""Keeps a child on loopback, and there from everything but the sandbox.

Looks at each connection that Python code opens, and asks its other end to identify itself once, by the sandbox's
handshake `GET /_sandbox/`. `CONDUIT_TESTING_ANY_LOOPBACK=1` leaves the handshake out. It guards against mistakes, not
against a program that wants out: processes that the program starts, and libraries that open sockets in C, are not seen.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import sys
import threading
from typing import Any

__all__ = ["SandboxOnlyError", "raise_fence"]

ANY_LOOPBACK = "CONDUIT_TESTING_ANY_LOOPBACK"
_HANDSHAKE_TIMEOUT_S = 5
_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class SandboxOnlyError(RuntimeError):
    """A connection that the embedded engine does not allow."""


class _Fence:
    def __init__(self) -> None:
        self._lets_any_loopback = os.environ.get(ANY_LOOPBACK) == "1"
        self._known: set[tuple[str, int]] = set()
        self._asking = threading.local()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTS and arguments[1] and arguments[0].family in {socket.AF_INET, socket.AF_INET6}:
            self._judge(*arguments[1][:2])
        elif event in _NAMES and not _is_local_name(arguments[0]):
            _refuse(arguments[0], "not on loopback")

    def _judge(self, host: str, port: int) -> None:
        if not _is_loopback(host):
            _refuse(host, "not on loopback")
        if (host, port) in self._known or getattr(self._asking, "now", False) or self._lets_any_loopback:
            return
        self._asking.now = True
        try:
            if not _is_sandbox(host, port):
                _refuse(f"{host}:{port}", f"not the sandbox; {ANY_LOOPBACK}=1 allows any server on loopback")
        finally:
            self._asking.now = False
        self._known.add((host, port))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _is_local_name(host: Any) -> bool:
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    return name in {None, "", "0.0.0.0", "::"} or _is_loopback(name)  # noqa: S104 - addresses to listen on


def _is_sandbox(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_HANDSHAKE_TIMEOUT_S)
    try:
        connection.request("GET", "/_sandbox/")
        answer = json.loads(connection.getresponse().read(10_000))
        return isinstance(answer, dict) and answer.get("sandbox") == "pulumi-conduit"
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refuse(what: object, why: str) -> None:
    raise SandboxOnlyError(f"the embedded engine lets nothing connect to {what}: {why}")


def raise_fence() -> None:
    """Refuse, from now on, connections to anything but the sandbox."""
    sys.addaudithook(_Fence())
