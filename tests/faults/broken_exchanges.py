"""What can happen to one exchange between a client and the proxy, each as a function of the exchange.

A breakage returns whether the connection stays; the effect of a request is had by `handled`, before its answer breaks.
"""

from __future__ import annotations

import gzip
import json
from contextlib import suppress

from fault_proxy import head

MEBIBYTE = 2**20
OVERSIZE = 30 * MEBIBYTE
_SECOND_OF_A_DRIP = 0.5
WEB_PAGE = b"<!doctype html><title>Please sign in</title><p>The proxy has seen your bearer token."


def reset_before(exchange):
    """Cut the connection; the request has had no effect."""
    return exchange.reset()


def reset_after(exchange):
    """Cut the connection when the request has had its effect."""
    exchange.handled()
    return exchange.reset()


def truncated(exchange):
    """Close the connection after half of the body."""
    status, body = exchange.handled()
    exchange.connection.sendall(head(status, Content_Length=len(body)) + body[: len(body) // 2])
    return False


def stalled(exchange):
    """Have the effect, say half of the head, and then nothing until the other side leaves."""
    exchange.handled()
    exchange.connection.sendall(b"HTTP/1.1 200 ")
    _until_the_other_side_leaves(exchange)
    return False


def dripping_body(pass_time):
    """Send the body one byte every half second."""

    def breakage(exchange):
        _, body = exchange.handled()
        exchange.connection.sendall(head(200, Content_Length=len(body) + MEBIBYTE))
        return _drip(exchange, pass_time)

    return breakage


def dripping_headers(pass_time):
    """Send a header that has no end one byte every half second."""

    def breakage(exchange):
        exchange.handled()
        exchange.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        return _drip(exchange, pass_time)

    return breakage


def refusing(status, **headers):
    """Answer an error; the request has had no effect."""
    return lambda exchange: exchange.refuse(status, **headers)


def saying(body, content_type="application/json"):
    """Have the effect and answer 200 with something else."""

    def breakage(exchange):
        exchange.handled()
        return exchange.say(200, body, content_type)

    return breakage


def broken_json(exchange):
    """Have the effect and answer 200 with half of the JSON, properly framed."""
    _, body = exchange.handled()
    return exchange.say(200, body[: len(body) // 2])


def wrong_shape(exchange):
    """Have the effect and answer 200 with JSON of another shape."""
    exchange.handled()
    return exchange.say(200, json.dumps({"unexpected": [exchange.request.credential]}).encode())


def oversize(exchange):
    """Have the effect and answer 200 with more than anybody asked for."""
    exchange.handled()
    exchange.connection.sendall(head(200, Transfer_Encoding="chunked"))
    spaces = b"%x\r\n%s\r\n" % (MEBIBYTE, b" " * MEBIBYTE)
    with suppress(OSError):  # the client leaves when it has had enough
        for _ in range(OVERSIZE // MEBIBYTE):
            exchange.connection.sendall(spaces)
    return False


def gzip_bomb(exchange):
    """Have the effect and answer 200 with a megabyte that unpacks to a gigabyte."""
    exchange.handled()
    body = gzip.compress(bytes(MEBIBYTE)) * 1024
    with suppress(OSError):
        exchange.connection.sendall(head(200, Content_Encoding="gzip", Content_Length=len(body)) + body)
    return False


def redirecting(location):
    """Send the client elsewhere; the request has had no effect."""
    return lambda exchange: exchange.say(307, Location=location)


def _drip(exchange, pass_time):
    with suppress(OSError):
        while True:
            exchange.connection.sendall(b"x")
            pass_time(_SECOND_OF_A_DRIP)
            exchange.connection.settimeout(0.001)
            with suppress(TimeoutError):
                if not exchange.connection.recv(1):
                    break
    return False


def _until_the_other_side_leaves(exchange):
    with suppress(OSError):
        while exchange.connection.recv(65_536):
            pass
