"""The verbs and paths that are tried for an operation of Conductor, as data, and the responses to those of one read.

docs/verify.md has the same table. Must not send. The path of every write but `create_user` names the user right after
the collection, so that no candidate can be about another user: a request that a server takes for another operation is
still about the test user. A creation below `/user` may be an edit of the logged-in user, so the caller looks there
first (`may_be_own_profile`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, TypeVar

from pulumi_conduit.api.records import Flaw
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LOGIN, Route, RouteTable
from pulumi_conduit.cli.verify.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import TypeAdapter

    from pulumi_conduit.api.routes import Route
    from pulumi_conduit.cli.verify.caller import Reply
    from pulumi_conduit.cli.verify.results import Results

__all__ = [
    "COLLECTIONS",
    "ENDINGS",
    "PREFIXES",
    "VARIANTS",
    "Candidates",
    "Search",
    "Style",
    "Variants",
    "may_be_own_profile",
]


PREFIXES = ("", "/v1", "/v2", "/api", "/api/v1")
ENDINGS = ("", "/")
COLLECTIONS = ("users", "user")
_REPEATABLE = ("GET", "PUT", "DELETE")
_ABOUT_USERS = ("get_user", "get_user_accounts", "list_users")


@dataclass(frozen=True)
class Variants:
    """The verbs of an operation, and its paths below the prefix; `users` stands for each of the collections."""

    verbs: tuple[str, ...]
    paths: tuple[str, ...]


def _of_user(*ends: str) -> tuple[str, ...]:
    return tuple(f"/users/{{userEmail}}/{end}" for end in ends)


VARIANTS = {
    "log_in": Variants(("POST",), ("/login", "/auth/login", "/auth/token", "/token", "/sessions")),
    "list_accounts": Variants(("GET",), ("/accounts", "/account")),
    "list_users": Variants(("GET",), ("/users",)),
    "create_user": Variants(("POST",), ("/users",)),
    "get_user": Variants(("GET",), ("/users/{userEmail}",)),
    "get_user_accounts": Variants(("GET",), _of_user("accounts", "account")),
    "replace_user_accounts": Variants(("POST", "PATCH"), _of_user("accounts", "account")),
    "change_user_accounts": Variants(("PUT",), _of_user("accounts", "account")),
    "update_user_account": Variants(("PUT", "PATCH"), _of_user("accounts/{accountId}", "account/{accountId}")),
    "add_user_account": Variants(("POST",), _of_user("accounts/{accountId}", "account/{accountId}")),
    "remove_user_account": Variants(("DELETE",), _of_user("accounts/{accountId}", "account/{accountId}")),
    "set_user_status": Variants(("PUT", "PATCH", "POST"), _of_user("status", "state")),
    "set_user_type": Variants(("PUT", "PATCH", "POST"), _of_user("type", "user-type", "usertype")),
}


@dataclass(frozen=True)
class Style:
    """What the paths of one API have in common: what they begin with, and whether they end with a slash."""

    prefix: str
    ending: str

    @classmethod
    def of(cls, route: Route) -> Style | None:
        """Return the style of a route that is among the candidates, else None."""
        for prefix, ending, collection in product(PREFIXES, ENDINGS, COLLECTIONS):
            style = cls(prefix, ending)
            if route.path in style.paths(route.name, collection):
                return style
        return None

    def paths(self, name: str, collection: str) -> list[str]:
        """Return the paths of an operation in this style."""
        words = (path.replace("/users", f"/{collection}", 1) for path in VARIANTS[name].paths)
        return [f"{self.prefix}{path}{self.ending}" for path in words]


_STYLES = tuple(Style(prefix, ending) for ending, prefix in product(ENDINGS, PREFIXES))


class Candidates:
    """The routes to try, the most plausible first: the configured one, then those that resemble what was found."""

    def __init__(self, configured: RouteTable) -> None:
        """Take the route table that is configured."""
        self._configured = configured
        self._found: RouteTable = {}

    def found(self, route: Route) -> None:
        """Record where an operation was found: others are likely to be near it."""
        self._found[route.name] = route

    def reads(self, name: str, *, only_near: bool = False) -> list[Route]:
        """Return the routes to try for a read, and for the login: every style, or those found, and every collection."""
        near = self._styles_found()
        styles = near if only_near and near else _first(near, _STYLES)
        return self._routes(name, styles, _first(self._collections_found(), COLLECTIONS))

    def writes(self, name: str) -> list[Route]:
        """Return the routes to try for a write: only in the styles, and for a user's path the collection, of reads.

        A creation comes before there is a user to read, so it is tried in every style where no users were listed.
        """
        styles = self._styles_found(*_ABOUT_USERS, "list_accounts")
        if "{userEmail}" in self._configured[name].path:
            return self._routes(name, styles, self._collections_found()[:1] or COLLECTIONS)
        if not self._found.keys() & set(_ABOUT_USERS):
            styles = _first([*styles, *self._styles_found(LOGIN)], _STYLES)
        return self._routes(name, styles, COLLECTIONS)

    def beside(self, created: Route) -> list[Route]:
        """Return where a GET would show the user that a creation at this route has made."""
        return self._routes("get_user", filter(None, [Style.of(created)]), COLLECTIONS)

    def _styles_found(self, *names: str) -> list[Style]:
        routes = [self._found[name] for name in names or list(self._found)[::-1] if name in self._found]
        return list(dict.fromkeys(filter(None, map(Style.of, routes))))

    def _collections_found(self) -> list[str]:
        paths = [self._found[name].path for name in ("get_user", "get_user_accounts") if name in self._found]
        return [word for word in COLLECTIONS if any(f"/{word}/{{userEmail}}" in path for path in paths)]

    def _routes(self, name: str, styles: Iterable[Style], collections: Iterable[str]) -> list[Route]:
        configured = self._configured[name]
        tried: Iterator[Route] = (
            _spelled(configured, verb, path)
            for style, collection in product(styles, collections)
            for path, verb in product(style.paths(name, collection), VARIANTS[name].verbs)
        )
        return list(dict.fromkeys((configured, *tried)))


def may_be_own_profile(route: Route) -> bool:
    """Return whether the path of a creation may be that of whoever is logged in."""
    return route.path.rstrip("/").endswith("/user")


def _first(preferred: list[str] | list[Style], everything: tuple[str, ...] | tuple[Style, ...]) -> list:  # type: ignore[type-arg]
    return list(dict.fromkeys((*preferred, *everything)))


def _spelled(route: Route, verb: str, path: str) -> Route:
    if (verb, path) == (route.verb, route.path):
        return route
    documented = CONDUCTOR_ROUTES[route.name]
    is_same = (verb, path) == (documented.verb, documented.path)
    is_idempotent = documented.is_idempotent if is_same else verb in _REPEATABLE or route.name == LOGIN
    return replace(route, verb=verb, path=path, is_idempotent=is_idempotent)


T = TypeVar("T")


@dataclass
class Search:
    """One search: the routes to try, and what came of those that were."""

    routes: list[Route]
    replies: list[Reply] = field(default_factory=list)
    flaw: Flaw | None = None

    @property
    def last(self) -> Reply:
        """Return the latest response."""
        return self.replies[-1]

    @property
    def is_elsewhere(self) -> bool:
        """Return whether the latest response is from no API: no such path, or a web page."""
        return self.last.is_unknown_route or (self.last.is_success and not self.last.is_json)

    @property
    def is_final(self) -> bool:
        """Return whether the latest response is what another path would get, too: of the token, or a broken server."""
        return self.last.status == 401 or (self.last.status >= 500 and not self.last.is_unknown_route)

    def add(self, reply: Reply, schema: TypeAdapter[T]) -> T | Flaw:
        """Add a response, and return the record in it."""
        self.replies.append(reply)
        record = reply.parse(schema)
        if isinstance(record, Flaw):
            self.flaw = self.flaw or record
        return record

    def record_missing(self, results: Results) -> None:
        """Record that none of the candidates was right."""
        refused = next((reply for reply in self.replies if _is_refusal(reply)), None)
        reply = self.last if self.is_final else refused or self.replies[0]
        route = reply.request.route
        if _is_refusal(reply):
            note = f"none of {len(self.replies)} candidates" if len(self.replies) > 1 and not self.is_final else ""
            results.add(route, reply.describe(), Verdict.REFUSED, note)
        elif reply.is_success and self.flaw:
            note = f"the response {self.flaw.reason}; none of {len(self.replies)} candidates"
            results.add(route, reply.describe(), Verdict.DIFFERENT, note)
        else:
            results.add(route, reply.describe(), Verdict.NOT_FOUND, f"none of {len(self.replies)} candidates")


def _is_refusal(reply: Reply) -> bool:
    return reply.status >= 400 and not reply.is_unknown_route
