"""Verbs and paths of the 16 operations, as data: the Conductor page shows most of them without either.

Must not know how a request is sent. `route_file` lays a user's own table over this one. Sources: Conduit Link API,
"Company"; Conductor User Management API 1.0.1, where several verbs and paths are inferred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pulumi_conduit.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONDUCTOR_ROUTES", "LINK_ROUTES", "LOGIN", "Api", "Route", "RouteTable", "below"]

Api = Literal["Conduit Link", "Conductor"]

_PLACEHOLDER = re.compile(r"\{([A-Za-z]+)\}")
_REPEATABLE_VERBS = ("GET", "PUT", "DELETE")
LOGIN = "log_in"


@dataclass(frozen=True)
class Route:
    """Where one operation lives; one that is not repeatable must never be sent twice blindly."""

    api: Api
    name: str
    verb: str
    path: str
    is_repeatable: bool
    base_url: str = ""
    """Where the API is, for messages; empty where no client has been made yet."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return the names that the path leaves open."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @property
    def is_read(self) -> bool:
        """Tell whether a lost answer can have had no effect."""
        return self.verb == "GET" or self.name == LOGIN

    @property
    def is_about_users(self) -> bool:
        """Tell whether it makes, reads or changes one user."""
        return self.name == "create_user" or "userEmail" in self.placeholders

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the path with every value as one percent-encoded segment."""
        return _PLACEHOLDER.sub(lambda match: _segment(values[match[1]], match[1]), self.path)

    def shown(self, values: Mapping[str, str]) -> str:
        """Return verb and path as a person reads them."""
        return f"{self.verb} {_PLACEHOLDER.sub(lambda match: values[match[1]], self.path)}"


RouteTable = dict[str, Route]


def below(base_url: str, table: RouteTable) -> RouteTable:
    """Return the table of a client: the same routes, whose messages name the base URL."""
    return {name: replace(route, base_url=base_url) for name, route in table.items()}


def _segment(value: str, name: str) -> str:
    if value in ("", ".", ".."):
        raise InvalidInputError(f"'{value}' cannot stand for {{{name}}} in a URL: it would address something else")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidInputError(f"the value for {{{name}}} in a URL is not valid Unicode text") from None


def _table(api: Api, lines: str) -> RouteTable:
    rows = (line.split() for line in lines.strip().splitlines())
    return {name: Route(api, name, verb, path, _is_repeatable(name, verb)) for name, verb, path in rows}


def _is_repeatable(name: str, verb: str) -> bool:
    return verb in _REPEATABLE_VERBS or name == LOGIN


LINK_ROUTES = _table(
    "Conduit Link",
    """
    create_company         POST    /link/company/
    get_company            GET     /link/company/{id}/
    edit_company           POST    /link/company/{id}/
    """,
)

CONDUCTOR_ROUTES = _table(
    "Conductor",
    """
    log_in                 POST    /login
    list_accounts          GET     /accounts
    list_users             GET     /users
    create_user            POST    /users
    get_user               GET     /users/{userEmail}
    get_user_accounts      GET     /users/{userEmail}/accounts
    replace_user_accounts  POST    /users/{userEmail}/accounts
    change_user_accounts   PUT     /users/{userEmail}/accounts
    update_user_account    PUT     /users/{userEmail}/accounts/{accountId}
    add_user_account       POST    /users/{userEmail}/accounts/{accountId}
    remove_user_account    DELETE  /users/{userEmail}/accounts/{accountId}
    set_user_status        PUT     /users/{userEmail}/status
    set_user_type          PUT     /users/{userEmail}/type
    """,
)
