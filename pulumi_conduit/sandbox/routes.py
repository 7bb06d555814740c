"""The two APIs' operations as data, so that the log, the counters and the faults speak of routes, not of paths."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CONDUCTOR_PREFIX",
    "ROUTES",
    "Match",
    "Route",
    "has_path",
    "matched",
    "parse_moves",
    "route_named",
    "split_api",
]

CONDUCTOR_PREFIX = "/conductor"
_GRANTS = "/users/{userEmail}/accounts"


@dataclass(frozen=True)
class Route:
    """A verb and a path template below the API's base URL."""

    api: str
    method: str
    template: str

    @property
    def name(self) -> str:
        """The route as the counters call it."""
        return f"{self.method} {self.template}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the paths of this route look like."""
        parts = re.split(r"\{(\w+)\}", self.template)
        groups = (f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
        return re.compile("".join(groups))

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders in the path, in alphabetical order."""
        return tuple(sorted(re.findall(r"\{(\w+)\}", self.template)))


ROUTES = (
    Route("link", "POST", "/link/company/"),
    Route("link", "GET", "/link/company/{id}/"),
    Route("link", "POST", "/link/company/{id}/"),
    Route("conductor", "POST", "/login"),
    Route("conductor", "GET", "/accounts"),
    Route("conductor", "GET", "/users"),
    Route("conductor", "POST", "/users"),
    Route("conductor", "GET", "/users/{userEmail}"),
    Route("conductor", "GET", _GRANTS),
    Route("conductor", "POST", _GRANTS),
    Route("conductor", "PUT", _GRANTS),
    Route("conductor", "PUT", _GRANTS + "/{accountId}"),
    Route("conductor", "POST", _GRANTS + "/{accountId}"),
    Route("conductor", "DELETE", _GRANTS + "/{accountId}"),
    Route("conductor", "PUT", "/users/{userEmail}/status"),
    Route("conductor", "PUT", "/users/{userEmail}/type"),
)


def split_api(path: str) -> tuple[str, str]:
    """Return the API that a path belongs to, and the path below that API's base URL."""
    if path.startswith(f"{CONDUCTOR_PREFIX}/"):
        return "conductor", path.removeprefix(CONDUCTOR_PREFIX)
    return "link", path


@dataclass(frozen=True)
class Match:
    """The documented route that a request takes, and the path that it has there."""

    route: Route
    path: str


def matched(api: str, method: str, path: str, moves: str | None = None) -> Match | None:
    """Return the route that a request takes, or None if the API has none for it."""
    for served, documented in _served(moves):
        found = served.pattern.fullmatch(path)
        if (served.api, served.method) == (api, method) and found:
            return Match(documented, documented.template.format(**found.groupdict()))
    return None


def has_path(api: str, path: str, moves: str | None) -> bool:
    """Return whether an API has this path, with whatever verb."""
    return any(served.api == api and served.pattern.fullmatch(path) for served, _ in _served(moves))


_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TEMPLATE = re.compile(r"(/([A-Za-z0-9._~-]+|\{\w+\}))+/?")


@lru_cache
def parse_moves(text: str | None) -> dict[Route, Route]:
    """Return the routes of Conductor that are served elsewhere: `VERB /path=VERB /other/path`, several by `;`."""
    moves = dict(map(_move, filter(None, map(str.strip, (text or "").split(";")))))
    served = Counter(moves.get(route, route).name for route in ROUTES)
    if twice := [name for name, count in served.items() if count > 1]:
        raise MistakeError(f"two operations would be served at {', '.join(twice)}")
    return moves


def _move(text: str) -> tuple[Route, Route]:
    name, _, target = (part.strip() for part in text.partition("="))
    documented = route_named(name)
    verb, _, template = target.partition(" ")
    if documented.api != "conductor" or verb not in _VERBS or not _TEMPLATE.fullmatch(template):
        raise MistakeError(f"{text!r} is not of the form VERB /path=VERB /other/path, with a route of Conductor first")
    moved = Route(documented.api, verb, template)
    if moved.placeholders != documented.placeholders:
        raise MistakeError(f"{text!r}: both paths must have the same placeholders")
    return documented, moved


@lru_cache
def _served(moves: str | None) -> tuple[tuple[Route, Route], ...]:
    """Return where each route is served, and the route; those with fewer placeholders first, which are more precise."""
    moved = parse_moves(moves)
    pairs: Iterator[tuple[Route, Route]] = ((moved.get(route, route), route) for route in ROUTES)
    return tuple(sorted(pairs, key=lambda pair: len(pair[0].placeholders)))


def route_named(name: str) -> Route:
    """Return the route with this name; a misspelled one would count nothing and prove nothing."""
    for route in ROUTES:
        if route.name == name:
            return route
    raise MistakeError(f"there is no route {name!r}; the routes are: {', '.join(route.name for route in ROUTES)}")
