"""The 34 faults: how each is put in the way of one operation, and which row of the expectations it belongs to."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

import breakages
from gate import Gate

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
    stage: Callable
    has_effect: bool = False
    words: str = ""
    deadline_s: float = 120
    is_hasty: bool = False
    """Whether the fault is time itself, so that timeouts are real and short while it lasts."""


@contextmanager
def _armed(theatre, operation, times, breakage):
    theatre.gate.arm(operation.line, breakage, times)
    yield theatre.gate


def _broken(name, row, breakage, **how):
    return Fault(name, row, lambda theatre, operation, times: _armed(theatre, operation, times, breakage), **how)


def _timed(name, row, make, **how):
    def stage(theatre, operation, times):
        return _armed(theatre, operation, times, make(theatre.time.pass_by))

    return Fault(name, row, stage, **how)


@contextmanager
def _unresolvable(theatre, operation, times):
    """Let the host name be unknown so often; the resolver is the edge of the process, so this one is patched."""
    left = [times]

    def lookup(host, *arguments, **named):
        if host == ELSEWHERE and left[0] != 0:
            left[0] = left[0] if left[0] is None else left[0] - 1
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return original(_GOOD_HOST if host == ELSEWHERE else host, *arguments, **named)

    original = socket.getaddrinfo
    theatre.patch.setattr(socket, "getaddrinfo", lookup)
    theatre.host = ELSEWHERE
    yield theatre.gate


@contextmanager
def _refused(theatre, operation, times):
    """Have a port on which nobody listens yet."""
    gate = Gate(theatre.sandbox, is_open=False)
    with closing(gate):
        theatre.time.after_naps(times, gate.open)
        yield gate


@contextmanager
def _swallowed(theatre, operation, times):
    """Have a port whose queue is full, so that the kernel drops whoever knocks."""
    gate = Gate(theatre.sandbox, is_open=False)
    with closing(gate), socket.socket() as first, socket.socket() as second:
        gate.listen(backlog=0)
        for filler in (first, second):
            filler.settimeout(0)
            filler.connect_ex(gate.address)

        def mend():
            first.close()
            second.close()
            gate.open()

        theatre.time.after_naps(times, mend)
        yield gate


def _untrusted(name):
    @contextmanager
    def stage(theatre, operation, times):
        theatre.trust_the_authority()
        yield theatre.tls_gate(f"{name}.pem")

    return Fault(name, "no trust", stage)


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
        _broken("reset before the answer", "breaks off", breakages.reset_before),
        _broken("reset after the mutation", "breaks off", breakages.reset_after, has_effect=True),
        _broken("truncated body", "breaks off", breakages.truncated, has_effect=True),
        _broken(
            "stalled read",
            "breaks off",
            breakages.stalled,
            has_effect=True,
            is_hasty=True,
            words="the response did not arrive in time",
        ),
        _timed("dripping body", "drips", breakages.dripping_body, has_effect=True, deadline_s=10),
        _timed("dripping headers", "drips", breakages.dripping_headers, has_effect=True, deadline_s=10),
        _broken("408", "trouble", breakages.refusing(408), words="408"),
        _broken("429 in seconds", "slow down", breakages.refusing(429, Retry_After=7), words="7"),
        _broken(
            "429 by a date",
            "slow down",
            breakages.refusing(429, Retry_After=formatdate(WALL + 7, usegmt=True)),
            words="7",
        ),
        _broken("429 without a word", "slow down", breakages.refusing(429)),
        _broken("429 absurd", "absurd", breakages.refusing(429, Retry_After=999_999_999)),
        _broken("500", "trouble", breakages.refusing(500), words="500"),
        _broken("502", "trouble", breakages.refusing(502), words="502"),
        _broken("503", "trouble", breakages.refusing(503), words="503"),
        _broken("504", "trouble", breakages.refusing(504), words="504"),
        _broken("401 once", "once unauthorised", breakages.refusing(401), words="401"),
        _broken("401 always", "unauthorised", breakages.refusing(401), words="401"),
        _broken("403", "forbidden", breakages.refusing(403), words="403"),
        _broken("404", "missing", breakages.refusing(404)),
        _broken("409", "conflict", breakages.refusing(409)),
        _broken(
            "HTML with 200",
            "garbage",
            breakages.saying(breakages.WEB_PAGE, "text/html"),
            has_effect=True,
            words="is not JSON",
        ),
        _broken("empty 200", "garbage", breakages.saying(b""), has_effect=True, words="is empty"),
        _broken("broken JSON", "garbage", breakages.broken_json, has_effect=True, words="is not JSON"),
        _broken("wrong shape", "wrong shape", breakages.wrong_shape, has_effect=True),
        _broken("oversize", "oversize", breakages.oversize, has_effect=True),
        _broken(
            "gzip bomb",
            "garbage",
            breakages.gzip_bomb,
            has_effect=True,
            words="cannot be used: it is compressed, although that was not asked for",
        ),
        _broken("redirect to the same host", "redirect", breakages.redirecting("/elsewhere"), words="another path"),
        _broken(
            "redirect to another host",
            "redirect",
            breakages.redirecting(f"https://{ELSEWHERE}/x?token=1"),
            words=ELSEWHERE,
        ),
    )
}
