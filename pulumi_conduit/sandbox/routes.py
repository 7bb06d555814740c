"""The two APIs' operations as data, so that the log, the counters and the faults speak of routes, not of paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pulumi_conduit.sandbox.rules.words import MistakeError

__all__ = ["CONDUCTOR_PREFIX", "ROUTES", "Route", "matched", "route_named", "split_api"]

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
        return re.compile(re.sub(r"\{\w+\}", "[^/]+", self.template))


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


def matched(api: str, method: str, path: str) -> Route | None:
    """Return the route that a request takes, or None if the API has none for it."""
    candidates = (route for route in ROUTES if (route.api, route.method) == (api, method))
    return next((route for route in candidates if route.pattern.fullmatch(path)), None)


def route_named(name: str) -> Route:
    """Return the route with this name; a misspelled one would count nothing and prove nothing."""
    for route in ROUTES:
        if route.name == name:
            return route
    raise MistakeError(f"there is no route {name!r}; the routes are: {', '.join(route.name for route in ROUTES)}")
