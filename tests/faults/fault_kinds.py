"""The 34 faults: how each is put in the way of one operation, and which row of the expectations it belongs to."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

import broken_exchanges
from fault_proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Callable

LASTS = None
WALL = 1_700_000_000.0
ELSEWHERE = "elsewhere.example"
_GOOD_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Fault:
    """One fault: its row, how it is staged, whether the request has its effect, and words for the message."""

    name: str
    row: str
    inject: Callable
    has_effect: bool = False
    words: str = ""
    deadline_s: float = 120
    is_hasty: bool = False
    """Whether the fault is time itself, so that timeouts are real and short while it lasts."""


@contextmanager
def _armed(fault_server, operation, times, breakage):
    fault_server.proxy.arm(operation.line, breakage, times)
    yield fault_server.proxy


def _broken(name, row, breakage, **how):
    return Fault(
        name, row, lambda fault_server, operation, times: _armed(fault_server, operation, times, breakage), **how
    )


def _timed(name, row, make, **how):
    def inject(fault_server, operation, times):
        return _armed(fault_server, operation, times, make(fault_server.time.pass_by))

    return Fault(name, row, inject, **how)


@contextmanager
def _unresolvable(fault_server, operation, times):
    """Let the host name be unknown so often; the resolver is the edge of the process, so this one is patched."""
    left = [times]

    def lookup(host, *arguments, **named):
        if host == ELSEWHERE and left[0] != 0:
            left[0] = left[0] if left[0] is None else left[0] - 1
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return original(_GOOD_HOST if host == ELSEWHERE else host, *arguments, **named)

    original = socket.getaddrinfo
    fault_server.patch.setattr(socket, "getaddrinfo", lookup)
    fault_server.host = ELSEWHERE
    yield fault_server.proxy


@contextmanager
def _refused(fault_server, operation, times):
    """Have a port on which nobody listens yet."""
    proxy = FaultProxy(fault_server.sandbox, is_open=False)
    with closing(proxy):
        fault_server.time.after_naps(times, proxy.open)
        yield proxy


@contextmanager
def _swallowed(fault_server, operation, times):
    """Have a port whose queue is full, so that the kernel drops whoever knocks."""
    proxy = FaultProxy(fault_server.sandbox, is_open=False)
    with closing(proxy), socket.socket() as first, socket.socket() as second:
        proxy.listen(backlog=0)
        for filler in (first, second):
            filler.settimeout(0)
            filler.connect_ex(proxy.address)

        def mend():
            first.close()
            second.close()
            proxy.open()

        fault_server.time.after_naps(times, mend)
        yield proxy


def _untrusted(name):
    @contextmanager
    def inject(fault_server, operation, times):
        fault_server.trust_the_authority()
        yield fault_server.tls_proxy(f"{name}.pem")

    return Fault(name, "no trust", inject)


FAULTS = {
    each.name: each
    for each in (
        Fault("dns", "never arrives", _unresolvable, words="its host name cannot be resolved"),
        Fault("refused", "never arrives", _refused, words="the connection timed out or was refused"),
        Fault(
            "connect timeout",
            "never arrives",
            _swallowed,
            words="the connection timed out or was refused",
            is_hasty=True,
        ),
        _untrusted("expired"),
        _untrusted("self-signed"),
        _untrusted("wrong-host"),
        _broken("reset before the answer", "breaks off", broken_exchanges.reset_before),
        _broken("reset after the mutation", "breaks off", broken_exchanges.reset_after, has_effect=True),
        _broken("truncated body", "breaks off", broken_exchanges.truncated, has_effect=True),
        _broken(
            "stalled read",
            "breaks off",
            broken_exchanges.stalled,
            has_effect=True,
            is_hasty=True,
            words="the response did not arrive in time",
        ),
        _timed("dripping body", "drips", broken_exchanges.dripping_body, has_effect=True, deadline_s=10),
        _timed("dripping headers", "drips", broken_exchanges.dripping_headers, has_effect=True, deadline_s=10),
        _broken("408", "trouble", broken_exchanges.refusing(408), words="408"),
        _broken("429 in seconds", "slow down", broken_exchanges.refusing(429, Retry_After=7), words="7"),
        _broken(
            "429 by a date",
            "slow down",
            broken_exchanges.refusing(429, Retry_After=formatdate(WALL + 7, usegmt=True)),
            words="7",
        ),
        _broken("429 without a word", "slow down", broken_exchanges.refusing(429)),
        _broken("429 absurd", "absurd", broken_exchanges.refusing(429, Retry_After=999_999_999)),
        _broken("500", "trouble", broken_exchanges.refusing(500), words="500"),
        _broken("502", "trouble", broken_exchanges.refusing(502), words="502"),
        _broken("503", "trouble", broken_exchanges.refusing(503), words="503"),
        _broken("504", "trouble", broken_exchanges.refusing(504), words="504"),
        _broken("401 once", "once unauthorised", broken_exchanges.refusing(401), words="401"),
        _broken("401 always", "unauthorised", broken_exchanges.refusing(401), words="401"),
        _broken("403", "forbidden", broken_exchanges.refusing(403), words="403"),
        _broken("404", "missing", broken_exchanges.refusing(404)),
        _broken("409", "conflict", broken_exchanges.refusing(409)),
        _broken(
            "HTML with 200",
            "garbage",
            broken_exchanges.saying(broken_exchanges.WEB_PAGE, "text/html"),
            has_effect=True,
            words="is not JSON",
        ),
        _broken("empty 200", "garbage", broken_exchanges.saying(b""), has_effect=True, words="is empty"),
        _broken("broken JSON", "garbage", broken_exchanges.broken_json, has_effect=True, words="is not JSON"),
        _broken("wrong shape", "wrong shape", broken_exchanges.wrong_shape, has_effect=True),
        _broken("oversize", "oversize", broken_exchanges.oversize, has_effect=True),
        _broken(
            "gzip bomb",
            "garbage",
            broken_exchanges.gzip_bomb,
            has_effect=True,
            words="cannot be used: it is compressed, although that was not asked for",
        ),
        _broken(
            "redirect to the same host", "redirect", broken_exchanges.redirecting("/elsewhere"), words="another path"
        ),
        _broken(
            "redirect to another host",
            "redirect",
            broken_exchanges.redirecting(f"https://{ELSEWHERE}/x?token=1"),
            words=ELSEWHERE,
        ),
    )
}
