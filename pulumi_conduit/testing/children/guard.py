"""Keeps a child process on loopback and away from all but the sandbox, and ends it with the engine."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import sys
import threading
from typing import Any, NoReturn

__all__ = ["end_with_engine", "guard_network"]


def end_with_engine() -> None:
    """End this process at once when its standard input ends."""
    watched = os.dup(0)
    # The program may read its own standard input, which is empty, as under the CLI.
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for the life of the process
    threading.Thread(target=_wait, args=(watched,), daemon=True).start()


def _wait(watched: int) -> None:
    while os.read(watched, 1024):
        pass
    os._exit(1)


ANY_LOOPBACK = "CONDUIT_TESTING_ANY_LOOPBACK"
_HANDSHAKE_TIMEOUT_S = 30  # a busy machine, such as one that runs tests side by side, takes seconds
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
    except TimeoutError:
        _refuse(f"{host}:{port}", f"it has not said within {_HANDSHAKE_TIMEOUT_S} s whether it is the sandbox")
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refuse(what: object, why: str) -> NoReturn:
    raise SandboxOnlyError(f"the embedded engine lets nothing connect to {what}: {why}")


def guard_network() -> None:
    """Refuse, from now on, connections to anything but the sandbox."""
    sys.addaudithook(_Fence())
