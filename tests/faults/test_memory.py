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
from http.client import parse_headers
from pathlib import Path

import pytest
from sampling import amount, sample

MEBIBYTE = 2**20
CALLS = 10_000 if "SOAK_RUNS" in os.environ else amount(600, 4_000)
GROWTH_PER_CALL = 4 * MEBIBYTE / 10_000
_CHILD = Path(__file__).parent / "memory_probe.py"
_JSON = b"Content-Type: application/json"
_COMPANY = {"id": "ACME", "name": "Acme", "created_at": "2024", "link_page": {"url": None, "enabled": False}}
_LOGIN = {"accessToken": "access", "idToken": "id", "refreshToken": "refresh", "expiresIn": 86400}
_PLAIN = {"login": _LOGIN, "accounts": [], "": _COMPANY}
"""By the last part of the path; that of a company ends with a slash."""
_FLOOD = amount(96, 1024)
"""In pieces of a mebibyte: far more than may be held, and a whole gibibyte in a full run."""


class PlainServer:
    """Answer logins and warm-ups plainly, and everything else from a generator of bytes; keep only their number."""

    def __init__(self, answers):
        """Listen on loopback, and answer below a path as `answers` has it; saying nothing ends a connection."""
        self.sent_bytes = 0
        self._answers = answers
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
            received = connection.makefile("rb")
            while path := _requested(received):
                if not self._said(connection, self._pieces(path)):
                    return

    def _pieces(self, path):
        first, _, rest = path.removeprefix("/").partition("/")
        if rest == "login" or first not in self._answers:
            return [_framed(_PLAIN[path.rpartition("/")[2]])]
        return self._answers[first]()

    def _said(self, connection, pieces):
        is_said = False
        for piece in pieces:
            connection.sendall(piece)
            self.sent_bytes += len(piece)
            is_said = True
        return is_said


def _requested(received):
    """Read one request to its end, which may come in pieces, and return its path; nothing when there is no more."""
    path = received.readline().decode().partition(" ")[2].partition(" ")[0]
    received.read(int(parse_headers(received).get("Content-Length", 0)))
    return path


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
    yield b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n" % (_JSON, _FLOOD * MEBIBYTE)
    yield from itertools.repeat(b" " * MEBIBYTE, _FLOOD)


def _chunked():
    yield b"HTTP/1.1 200 OK\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n" % _JSON
    yield from itertools.repeat(b"100000\r\n" + b" " * MEBIBYTE + b"\r\n", _FLOOD)


def _bomb():
    member = gzip.compress(bytes(MEBIBYTE))
    yield b"HTTP/1.1 200 OK\r\n%s\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (
        _JSON,
        _FLOOD * len(member),
    )
    yield from itertools.repeat(member, _FLOOD)


def _refusal():
    yield b"HTTP/1.1 400 Bad\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n" % _JSON
    yield from itertools.repeat(b"100000\r\n" + b" " * MEBIBYTE + b"\r\n", _FLOOD)


def _headers():
    yield b"HTTP/1.1 200 OK\r\n"
    yield from itertools.repeat(b"X-Flood: " + b"x" * MEBIBYTE + b"\r\n", _FLOOD)


_FLOODS = {"announced": _announced, "chunked": _chunked, "bomb": _bomb, "refusal": _refusal, "headers": _headers}


@pytest.fixture
def measured():
    """Give a way to make calls in a process of its own, and return its growth in bytes and how the calls ended."""
    servers = []

    def measure(answers, what, calls):
        server = PlainServer(answers)
        servers.append(server)
        command = [sys.executable, str(_CHILD), server.url, what, str(calls), *answers]
        said = subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 -- our own file
        return json.loads(said.stdout), server

    yield measure
    for server in servers:
        server.close()


@pytest.mark.slow
def test_ten_thousand_calls_would_grow_memory_by_four_mebibytes_at_most(measured, tried):
    """Neither successes nor failures of any sort leave anything behind; a soak makes all ten thousand."""
    said, _ = measured({"mixed": _mixed()}, "company", CALLS)

    assert sum(said["ends"].values()) == CALLS
    assert {"mixed: success", "mixed: NotFoundError", "mixed: UnexpectedResponseError"} <= set(said["ends"])
    assert said["grown_bytes"] <= CALLS * GROWTH_PER_CALL
    tried("calls for their memory", CALLS)


@pytest.mark.parametrize("what", sample(["company", "users"], 2))
def test_a_flood_costs_32_mebibytes_at_most(measured, tried, what):
    """However it comes, it is left when it is longer than an answer may be; all together cost no more than one."""
    said, server = measured(_FLOODS, what, 1)

    assert said["ends"] == {
        "announced: UnexpectedResponseError": 1,
        "chunked: UnexpectedResponseError": 1,
        "bomb: UnexpectedResponseError": 1,
        "refusal: HTTPStatusError": 1,
        "headers: UnreachableError": 1,
    }
    assert said["grown_bytes"] <= 32 * MEBIBYTE
    assert server.sent_bytes < 256 * MEBIBYTE
    tried("gigabytes refused", 5)
