"""Memory stays bounded over many calls, and whatever is sent; measured as the peak of a process that only calls."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pulumi_conduit.api.retry import MOST_TRIES

MEBIBYTE = 2**20
CALLS = 10_000 if "SOAK_RUNS" in os.environ else 4_000
GROWTH_PER_CALL = 4 * MEBIBYTE / 10_000
_CHILD = Path(__file__).parent / "measured.py"
_JSON = b"Content-Type: application/json"
_COMPANY = {"id": "ACME", "name": "Acme", "created_at": "2024", "link_page": {"url": None, "enabled": False}}
_LOGIN = {"accessToken": "access", "idToken": "id", "refreshToken": "refresh", "expiresIn": 86400}
_GIBIBYTE = 1024
"""In pieces of a mebibyte."""


class PlainServer:
    """Answer logins and warm-ups plainly, and everything else from a generator of bytes; keep only their number."""

    def __init__(self, answer):
        """Listen on loopback; an answer that is cut short by the client, or says nothing, ends its connection."""
        self.sent_bytes = 0
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Stop listening."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, connection):
        with connection, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := connection.recv(65_536):
                pieces = list(_plain(request)) or self._answer()
                if not self._said(connection, pieces):
                    return

    def _said(self, connection, pieces):
        before = self.sent_bytes
        for piece in pieces:
            connection.sendall(piece)
            self.sent_bytes += len(piece)
        return self.sent_bytes > before


def _plain(request):
    path = request.split(b" ")[1]
    known = {b"/login": _LOGIN, b"/accounts": [], b"/link/company/CALM/": {**_COMPANY, "id": "CALM"}}
    if path in known:
        yield _framed(known[path])


def _framed(body, status=200):
    content = json.dumps(body).encode()
    return b"HTTP/1.1 %d Said\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (status, _JSON, len(content), content)


def _mixed():
    """Return answers of every sort, in turn: whole ones, refusals, trouble, nonsense and lost ones."""
    answers = [
        *[[_framed(_COMPANY)]] * 4,
        [_framed({"message": "gone"}, 404)],
        [_framed({"message": "busy"}, 503)],
        [_framed({"unexpected": "shape"})],
        [],
    ]
    turns = itertools.cycle(answers)
    return lambda: next(turns)


def _announced():
    yield b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n" % (_JSON, _GIBIBYTE * MEBIBYTE)
    yield from itertools.repeat(b" " * MEBIBYTE, _GIBIBYTE)


def _chunked():
    yield b"HTTP/1.1 200 OK\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n" % _JSON
    yield from itertools.repeat(b"100000\r\n" + b" " * MEBIBYTE + b"\r\n", _GIBIBYTE)


def _bomb():
    member = gzip.compress(bytes(MEBIBYTE))
    yield b"HTTP/1.1 200 OK\r\n%s\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (
        _JSON,
        _GIBIBYTE * len(member),
    )
    yield from itertools.repeat(member, _GIBIBYTE)


def _refusal():
    yield b"HTTP/1.1 400 Bad\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n" % _JSON
    yield from itertools.repeat(b"100000\r\n" + b" " * MEBIBYTE + b"\r\n", _GIBIBYTE)


def _headers():
    yield b"HTTP/1.1 200 OK\r\n"
    yield from itertools.repeat(b"X-Flood: " + b"x" * MEBIBYTE + b"\r\n", _GIBIBYTE)


@pytest.fixture
def measured():
    """Give a way to make calls in a process of its own, and return its growth in bytes and how the calls ended."""
    servers = []

    def measure(answer, what, calls):
        server = PlainServer(answer)
        servers.append(server)
        command = [sys.executable, str(_CHILD), server.url, what, str(calls)]
        said = subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 -- our own file
        return json.loads(said.stdout), server

    yield measure
    for server in servers:
        server.close()


def test_ten_thousand_calls_would_grow_memory_by_four_mebibytes_at_most(measured, tried):
    """Neither successes nor failures of any sort leave anything behind; a soak makes all ten thousand."""
    said, _ = measured(_mixed(), "company", CALLS)

    assert sum(said["ends"].values()) == CALLS
    assert {"success", "NotFound", "BadAnswer"} <= set(said["ends"])
    assert said["grown_bytes"] <= CALLS * GROWTH_PER_CALL
    tried("calls for their memory", CALLS)


@pytest.mark.parametrize("what", ["company", "users"])
def test_a_gigabyte_costs_32_mebibytes_at_most(measured, tried, what):
    """However it comes, it is left when it is longer than an answer may be; all together cost no more than one."""
    tries = [_announced, _chunked, _bomb, _refusal, *[_headers] * MOST_TRIES]
    floods = (flood() for flood in tries)

    said, server = measured(floods.__next__, what, 5)

    assert said["ends"] == {"BadAnswer": 3, "StatusError": 1, "Unreachable": 1}
    assert said["grown_bytes"] <= 32 * MEBIBYTE
    assert server.sent_bytes < 256 * MEBIBYTE
    tried("gigabytes refused", 5)
