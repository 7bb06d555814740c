"""What was asked of the APIs, by whom and with what status; never a body, a header, a token or a password."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pulumi_conduit.sandbox.routes import route_named

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.routes import Route

__all__ = ["Entry", "Journal"]

# Any other parameter is a stranger, and might be a secret in the wrong place.
_KNOWN_PARAMETERS = {"removal", "send_email"}


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


class Journal:
    """The log of requests, in the order in which they came in."""

    def __init__(self) -> None:
        """Start with an empty log."""
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._seq = 0
        self._in_flight = 0
        self._peak_in_flight = 0

    def begin(self, api: str, method: str, path: str, route: Route | None, query: str) -> Entry:
        """Log a request that came in."""
        known = {name: value if name in _KNOWN_PARAMETERS else "…" for name, value in parse_qsl(query)}
        with self._lock:
            self._seq += 1
            entry = Entry(self._seq, api, method, path, route.name if route else None, known)
            self._entries.append(entry)
            self._in_flight += 1
            self._peak_in_flight = max(self._peak_in_flight, self._in_flight)
        return entry

    def end(self) -> None:
        """Note that a request is no longer in flight."""
        with self._lock:
            self._in_flight -= 1

    @property
    def peak_in_flight(self) -> int:
        """How many requests were in flight at once, at most, since the log was last forgotten."""
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
