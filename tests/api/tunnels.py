"""A proxy and the TLS server behind it, in one: it takes a client's request, and ends the connection."""

import socket
import ssl
import struct
import threading
from contextlib import closing, contextmanager, suppress
from pathlib import Path

CERTIFICATES = Path(__file__).parents[1] / "faults" / "certificates"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def connected(connection):
    """Let an HTTP client through."""
    _head(connection)
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")


def refused(connection):
    """Refuse an HTTP client."""
    _head(connection)
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    raise ConnectionRefusedError


def connected_by_socks(connection):
    """Let a client of SOCKS 5 through that names no user."""
    _received(connection, 64)
    connection.sendall(b"\x05\x00")
    _received(connection, 512)
    connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")


def closed(connection):
    """End a connection without a response."""
    connection.unwrap()


def reset(connection):
    """End a connection so that the other side meets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


@contextmanager
def tunnel(enter, respond):
    """Serve each client that gets past `enter` with `respond`; give the port, and the requests as bytes."""
    received = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem")

    def serve(connection):
        with suppress(OSError), closing(connection):
            enter(connection)
            with closing(context.wrap_socket(connection, server_side=True)) as wrapped:
                received.append(_request(wrapped))
                respond(wrapped)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield listener.getsockname()[1], received
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener, serve):
    with suppress(OSError):
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def _head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += _received(connection, 1)
    return head


def _request(connection):
    head = _head(connection)
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    body = b""
    while len(body) < length:
        body += _received(connection, length)
    return head + body


def _received(connection, length):
    if piece := connection.recv(length):
        return piece
    raise ConnectionAbortedError
