"""A server on loopback that keeps requests as the bytes that arrive, and answers with the bytes that it is given."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import closing, suppress
from dataclasses import dataclass

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BACKLOG = 64


@dataclass(frozen=True)
class ReceivedRequest:
    """One request, as bytes."""

    head: bytes
    content: bytes

    @property
    def target(self):
        """Return what the request line names."""
        return self.head.split(b"\r\n", 1)[0].split(b" ")[1]

    @property
    def line(self):
        """Return verb and target."""
        return b" ".join(self.head.split(b"\r\n", 1)[0].split(b" ")[:2]).decode("ascii")

    @property
    def segments(self):
        """Return the decoded segments of the path: split first, decoded then, as a router does."""
        path = self.target.partition(b"?")[0]
        return [_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), one).decode() for one in path.split(b"/")[1:]]


class RawServer:
    """Answer each request with what `answer` returns for it, and keep what was received."""

    def __init__(self, answer):
        """Listen on any port that is free."""
        self.answer = answer
        self.received = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Stop, and interrupt the thread that accepts."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @property
    def received_bytes(self):
        """Return everything that arrived."""
        return b"".join(one.head + one.content for one in self.received)

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        with suppress(OSError), closing(connection):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            while head := _head(stream):
                received = ReceivedRequest(head, stream.read(_length(head)))
                self.received.append(received)
                connection.sendall(self.answer(received))


def _head(stream):
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
        lines.append(line)
    return b"".join(lines)


def _length(head):
    match = re.search(rb"(?im)^content-length: *([0-9]+)", head)
    return int(match[1]) if match else 0


def answered(body, status=200, content_type="application/json", **headers):
    """Return the bytes of an answer."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode("latin-1") + body
