"""A front of the sandbox on loopback that speaks HTTP byte by byte, so that it can break it at any byte."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

LOGIN = "POST /login"
_CONDUCTOR = "/conductor"
_BACKLOG = 64
_PASSED_ON = ("authorization", "content-type")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict
    content: bytes

    @property
    def line(self):
        """Method and path below the API's base URL, as messages show them."""
        return f"{self.method} {unquote(urlsplit(self.target).path).removeprefix(_CONDUCTOR)}"

    @property
    def credential(self):
        """What the request proves itself with, for a refusal to quote."""
        return self.headers.get("authorization") or json.loads(self.content)["password"]


class Exchange:
    """One request under way, and what can be said to it; a breakage gets this and returns whether to go on."""

    def __init__(self, connection, request, upstream, error_shape, effects):
        """Take both ends, and the counter of effects."""
        self.connection = connection
        self.request = request
        self._effects = effects
        self._upstream = upstream
        self._error_shape = error_shape

    def handled(self):
        """Let the request have its effect; return status and body of the answer."""
        self._effects[self.request.line] += 1
        headers = {name: text for name, text in self.request.headers.items() if name in _PASSED_ON}
        self._upstream.request(self.request.method, self.request.target, self.request.content, headers)
        answer = self._upstream.getresponse()
        return answer.status, answer.read()

    def say(self, status, body=b"", content_type="application/json", **headers):
        """Answer whole."""
        self.connection.sendall(head(status, content_type, **{"Content-Length": len(body)}, **headers) + body)
        return True

    def refuse(self, status, **headers):
        """Answer an error in the sandbox's present shape, quoting the credential."""
        said = f"The proxy refuses {self.request.credential}."
        if self._error_shape == "text":
            return self.say(status, said.encode(), "text/plain", **headers)
        return self.say(status, json.dumps({self._error_shape: said}).encode(), **headers)

    def reset(self):
        """Cut the connection so that the other side meets a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        return False


def head(status, content_type="application/json", **headers):
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {status} {http.client.responses[status]}", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def passed_on(exchange):
    """Answer as the sandbox does."""
    return exchange.say(*exchange.handled())


class FaultProxy:
    """The front; it breaks the exchanges of one request line, so often or for good."""

    def __init__(self, sandbox, *, certificate=None, is_open=True):
        """Take the sandbox; a closed proxy has a port, which refuses."""
        self._sandbox = sandbox
        self._tls = _server_context(certificate) if certificate else None
        self._lock = threading.Lock()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.address[1]}"
        self._talking = 0
        self.forget()
        if is_open:
            self.open()

    def forget(self):
        """Break nothing, and count from zero."""
        self.lines: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self._line, self._breakage, self._left = None, None, 0

    def arm(self, line, breakage, times):
        """Break this line so many times, or for good when that is None."""
        self._line, self._breakage, self._left = line, breakage, times

    @property
    def is_armed(self):
        """Return whether the next request of the line breaks."""
        return self._line is not None and self._left != 0

    def listen(self, backlog):
        """Let so many connections wait that nobody accepts yet."""
        self._listener.listen(backlog)

    def open(self):
        """Begin to accept."""
        self.listen(_BACKLOG)
        threading.Thread(target=self._accept, daemon=True).start()

    def is_quiet(self):
        """Return whether nothing is under way any more: the clients have left, and the proxy has noticed."""
        return self._talking == 0

    def close(self):
        """Stop accepting, and interrupt the thread that does."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self._talking += 1
                threading.Thread(target=self._served, args=(connection,), daemon=True).start()

    def _served(self, connection):
        with suppress(OSError, http.client.HTTPException):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with closing(self._tls.wrap_socket(connection, server_side=True) if self._tls else connection) as wire:
                self._converse(wire)
        connection.close()
        with self._lock:
            self._talking -= 1

    def _converse(self, connection):
        url = urlsplit(self._sandbox.link_url)
        with closing(http.client.HTTPConnection(url.hostname, url.port)) as upstream:
            buffer = bytearray()
            while (request := _read_request(connection, buffer)) is not None:
                breakage = self._drawn(request.line)
                shape = self._sandbox.switches.error_shape
                if not breakage(Exchange(connection, request, upstream, shape, self.effects)):
                    return

    def _drawn(self, line):
        with self._lock:
            self.lines[line] += 1
            if line != self._line or self._left == 0:
                return passed_on
            if self._left is not None:
                self._left -= 1
            return self._breakage


def _server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _read_request(connection, buffer):
    """Take one request off the buffer, receiving what it lacks; None when the other side is gone."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        if not _receive(connection, buffer):
            return None
    first, *fields = buffer[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    begin, length = end + 4, int(headers.get("content-length", 0))
    while len(buffer) < begin + length:
        if not _receive(connection, buffer):
            return None
    content = bytes(buffer[begin : begin + length])
    del buffer[: begin + length]
    method, target, _ = first.split(" ")
    return Request(method, target, headers, content)


def _receive(connection, buffer):
    piece = connection.recv(65_536)
    buffer += piece
    return bool(piece)


def wait_until(claim, longest_s=5.0):
    """Give threads of the proxy a moment to make a claim true; return whether it is."""
    over = time.monotonic() + longest_s
    while not claim() and time.monotonic() < over:
        time.sleep(0.002)
    return claim()
