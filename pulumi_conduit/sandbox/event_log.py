"""The event log of the sandbox: requests, edits and their changes; never a body or a credential."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter, deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pulumi_conduit.sandbox.routes import route_named
from pulumi_conduit.sandbox.rules.state import Account, Company, Identity, LinkApp, User
from pulumi_conduit.sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.sandbox.routes import Route
    from pulumi_conduit.sandbox.rules.state import Clock

__all__ = ["OUTSIDE", "Entry", "EventLog", "RequestLog"]

# The fields of each kind that may be logged; for others at most that they changed.
_SHOWN: dict[type, tuple[str, tuple[str, ...]]] = {
    User: ("user", ("type", "status", "accounts", "first_name", "last_name", "view", "sso_access")),
    Company: ("company", ("name", "page_enabled")),
    Account: ("account", ("name",)),
    Identity: ("identity", ("accounts",)),
    LinkApp: ("Link APP", ()),
    Switches: ("switches", tuple(field.name for field in dataclasses.fields(Switches))),
}
_NAMES = {User: "email", Company: "company_id", Account: "account_id", Identity: "username", LinkApp: "name"}


@dataclass(frozen=True)
class Change:
    """One object that was created, edited or removed; `fields` holds what each field was and is now."""

    kind: str
    name: str
    what: str
    fields: dict[str, tuple[Any, Any]]


def change_of(before: object | None, after: object | None) -> Change | None:
    """Return the difference between two versions of a row, or None if no logged field differs."""
    row = before if after is None else after
    if before == after or type(row) not in _SHOWN:
        return None
    kind, names = _SHOWN[type(row)]
    what = "created" if before is None else "removed" if after is None else "edited"
    pairs = {name: (getattr(before, name, None), getattr(after, name, None)) for name in names}
    fields = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Change(kind, str(getattr(row, _NAMES.get(type(row), ""), "")), what, fields)


# Any other parameter is unknown, and may be a misplaced secret.
_KNOWN_PARAMETERS = {"removal", "send_email"}
_MOST_ENTRIES = 500_000
_LONGEST_PATH = 4096


@dataclass
class Entry:
    """One request; `status` is None while it is in flight, and for ever if its connection was dropped."""

    seq: int
    api: str
    method: str
    path: str
    route: str | None
    query: dict[str, str]
    status: int | None = None
    who: str | None = None


class RequestLog:
    """The log of requests, in the order in which they came in."""

    def __init__(self) -> None:
        """Start with an empty log."""
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=_MOST_ENTRIES)
        self._seq = 0
        self._in_flight = 0
        self._peak_in_flight = 0

    def begin(self, api: str, method: str, path: str, route: Route | None, query: str) -> Entry:
        """Log a request that came in."""
        known = {name: value if name in _KNOWN_PARAMETERS else "…" for name, value in parse_qsl(query)}
        with self._lock:
            self._seq += 1
            shown = path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
            entry = Entry(self._seq, api, method, shown, route.name if route else None, known)
            self._entries.append(entry)
            self._in_flight += 1
            self._peak_in_flight = max(self._peak_in_flight, self._in_flight)
        return entry

    def end(self) -> None:
        """Record that a request has ended."""
        with self._lock:
            self._in_flight -= 1

    @property
    def peak_in_flight(self) -> int:
        """How many requests were in flight at once, at most, since the log was last cleared."""
        return self._peak_in_flight

    def entries(self) -> list[dict[str, Any]]:
        """Return the log."""
        with self._lock:
            return [asdict(entry) for entry in self._entries]

    def writes(self) -> list[dict[str, Any]]:
        """Return the requests that ask for a change, granted or not; a login is none."""
        return [entry for entry in self.entries() if entry["method"] != "GET" and entry["route"] != "POST /login"]

    def counts(self) -> dict[str, int]:
        """Return how often each route was asked for; those never asked for are left out."""
        with self._lock:
            return dict(Counter(entry.route for entry in self._entries if entry.route))

    def count(self, route: str) -> int:
        """Return how often one route was asked for, such as `POST /users`."""
        return self.counts().get(route_named(route).name, 0)

    def forget(self) -> None:
        """Empty the log; numbers go on."""
        with self._lock:
            self._entries.clear()
            self._peak_in_flight = self._in_flight


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


# A request is served in one asyncio task, so all writes in it belong to the request.
_current: ContextVar[Event | None] = ContextVar("current event", default=None)


class EventLog:
    """The latest events; older ones are dropped."""

    def __init__(self, clock: Clock) -> None:
        """Start empty, with this clock."""
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
        """Attribute the writes in the block to this request."""
        event = self._begin(entry)
        outer = _current.set(event)
        try:
            yield
        finally:
            _current.reset(outer)
            self._end(event)

    def note(self, before: object | None, after: object | None) -> None:
        """Record that a row was written, by the current request or by Python."""
        change = change_of(before, after)
        if change:
            self._add(change, _current.get() or self._by_python())

    def events(self) -> list[dict[str, Any]]:
        """Return the latest events, oldest first."""
        with self._lock:
            return [event.as_json() for event in self._events]

    def forget(self) -> None:
        """Remove all events; numbers go on."""
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
