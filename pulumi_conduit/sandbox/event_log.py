"""What happened in this sandbox, in order, and what each event changed: requests to the APIs and edits from outside.

It is what the console shows. The journal is another thing: it holds requests to the APIs only, and all of them.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.changes import Change, change_of
from pulumi_conduit.sandbox.request_log import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.sandbox.rules.clock import Clock

__all__ = ["OUTSIDE", "Chronicle", "Event"]

OUTSIDE = "outside"
_KEPT = 300


@dataclass
class Event:
    """One request, or one edit by Python, which has neither method nor path."""

    seq: int
    at: str
    entry: Entry
    is_over: bool = False
    changes: list[Change] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the event as plain JSON, under its own number."""
        own = asdict(self)
        return {**own.pop("entry"), **own}


# A request is served in one asyncio task, so whatever the rules write meanwhile is its doing.
_current: ContextVar[Event | None] = ContextVar("current event", default=None)


class Chronicle:
    """The latest events; older ones are forgotten."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing, and tell time by this clock."""
        self._clock = clock
        self._lock = threading.Lock()
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self._seq = 0
        self._version = 0

    @property
    def version(self) -> int:
        """A number that grows with everything that can be seen of the sandbox."""
        return self._version

    @contextmanager
    def request(self, entry: Entry) -> Iterator[None]:
        """Let what is written within be this request's doing."""
        event = self._begin(entry)
        outer = _current.set(event)
        try:
            yield
        finally:
            _current.reset(outer)
            self._end(event)

    def note(self, before: object | None, after: object | None) -> None:
        """Note that a row was written: by the request at hand, or by Python if there is none."""
        change = change_of(before, after)
        if change:
            self._add(change, _current.get() or self._by_python())

    def events(self) -> list[dict[str, Any]]:
        """Return the latest events, oldest first."""
        with self._lock:
            return [event.as_json() for event in self._events]

    def forget(self) -> None:
        """Forget every event; numbers go on."""
        with self._lock:
            self._events.clear()
            self._version += 1

    def _begin(self, entry: Entry) -> Event:
        with self._lock:
            self._seq += 1
            self._version += 1
            event = Event(self._seq, self._clock.stamp(), entry)
            self._events.append(event)
        return event

    def _by_python(self) -> Event:
        event = self._begin(Entry(0, OUTSIDE, "", "", None, {}))
        event.is_over = True
        return event

    def _add(self, change: Change, event: Event) -> None:
        with self._lock:
            self._version += 1
            event.changes.append(change)

    def _end(self, event: Event) -> None:
        with self._lock:
            event.is_over = True
            self._version += 1
