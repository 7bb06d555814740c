"""Faults that a test injects: which requests they affect, and how.

Knows requests by route and path only; how a connection is dropped or an answer replaced is the wire's business.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from pulumi_conduit.sandbox.routes import route_named
from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Drop", "Fault", "Faults", "Garbage"]

# Python's engine tries every way to part a text among repetitions: 2 to the power of its length.
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

Drop = Literal["before", "after"]
Garbage = Literal["html", "empty", "truncated", "wrong_shape"]


@dataclass
class Fault:
    """One armed fault. First `hook` and `delay_s`, then one of `drop`, `garbage` and `status`, or a normal response.

    `garbage` and a drop `after` come once the request had its effect; `status` does with `handled` only.
    """

    route: str | None = None
    """Such as `POST /users`; None strikes every route of both APIs."""
    path: str | None = None
    """A regular expression that must occur in the path below the API's base URL."""
    after: int = 0
    """How many matching requests pass unharmed first."""
    times: int | None = 1
    """How many requests are struck then; None: all until the faults are cleared."""
    status: int | None = None
    body: Any = None
    """What goes with `status`, as JSON; None: a message."""
    headers: Mapping[str, str] = field(default_factory=dict)
    handled: bool = False
    drop: Drop | None = None
    """Cut the connection before the request had its effect, or after it, without a response."""
    delay_s: float = 0.0
    garbage: Garbage | None = None
    """Answer 200 with a web page, with nothing, with half of the JSON, or with JSON of another shape."""
    hook: Callable[[], object] | None = None
    """Called in a thread of its own before anything else, such as the `wait` of a barrier."""
    seen: int = 0
    struck: int = 0
    """How many requests this fault has affected; a test should assert it."""

    def __post_init__(self) -> None:
        """Refuse a fault that could never apply, or has no valid response."""
        if self.route is not None:
            route_named(self.route)
        _check_pattern(self.path)
        _check_choice("drop", self.drop, get_args(Drop))
        _check_choice("garbage", self.garbage, get_args(Garbage))
        if sum(way is not None for way in (self.status, self.drop, self.garbage)) > 1:
            raise MistakeError("a fault has one of status, drop and garbage")
        if self.status is None and (self.handled or self.headers or self.body is not None):
            raise MistakeError("a fault's handled, headers and body go with a status")
        self._check_numbers()
        for name, value in self.headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise MistakeError(f"{name!r}: {value!r} is not a header that HTTP can carry")

    def _check_numbers(self) -> None:
        if self.after < 0 or self.delay_s < 0 or (self.times is not None and self.times < 1):
            raise MistakeError("a fault's after and delay_s are not negative, and its times is 1 or more")
        if self.status is not None and not 200 <= self.status <= 599:
            raise MistakeError(f"{self.status} is not a valid response status")

    def matches(self, route: str | None, path: str) -> bool:
        """Return whether this request matches."""
        if self.route is not None and self.route != route:
            return False
        return self.path is None or re.search(self.path, path) is not None

    def strikes(self) -> bool:
        """Count a matching request, and return whether the fault applies to it."""
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True


class Faults:
    """The armed faults; of those that match a request, the first that is not spent strikes."""

    def __init__(self) -> None:
        """Start without any."""
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def add(self, route: str | None = None, **how: Any) -> Fault:
        """Arm a fault, with the fields of `Fault`, and return it."""
        fault = Fault(route, **how)
        with self._lock:
            self._armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm every fault."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[Fault]:
        """Return every fault, spent ones included."""
        with self._lock:
            return list(self._armed)

    def strike(self, route: str | None, path: str) -> Fault | None:
        """Return the fault that strikes this request, or None."""
        with self._lock:
            return next((fault for fault in self._armed if fault.matches(route, path) and fault.strikes()), None)


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except (re.error, RecursionError, OverflowError) as error:
        raise MistakeError(f"{pattern!r} is not a regular expression: {error}") from None
    if _REPEATED_GROUP.search(pattern or ""):
        raise MistakeError(f"{pattern!r} repeats a group, which may take for ever on a path; write it without")


def _check_choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise MistakeError(f"a fault's {name} is one of {', '.join(choices)}, not {value!r}")
