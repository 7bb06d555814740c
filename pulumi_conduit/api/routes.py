"""The route table: verbs and paths of the 16 operations, and overrides from a TOML file."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from pulumi_conduit.errors import InvalidInputError, SettingsError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CONDUCTOR_ROUTES", "LINK_ROUTES", "LOGIN", "Api", "Route", "RouteTable", "override_routes", "prefix_routes"]

Api = Literal["Conduit Link", "Conductor"]

_PLACEHOLDER = re.compile(r"\{([A-Za-z]+)\}")
_IDEMPOTENT_VERBS = ("GET", "PUT", "DELETE")
LOGIN = "log_in"


@dataclass(frozen=True)
class Route:
    """Verb and path of one operation; one that is not idempotent must not be retried blindly."""

    api: Api
    name: str
    verb: str
    path: str
    is_idempotent: bool
    base_url: str = ""
    """The base URL, for messages; empty before a client is built."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return the placeholders in the path."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @property
    def is_read(self) -> bool:
        """Return whether the operation has no effect."""
        return self.verb == "GET" or self.name == LOGIN

    @property
    def is_about_users(self) -> bool:
        """Return whether it creates, reads or changes one user."""
        return self.name == "create_user" or "userEmail" in self.placeholders

    def fill_path(self, values: Mapping[str, str]) -> str:
        """Return the path with every value as one percent-encoded segment."""
        return _PLACEHOLDER.sub(lambda match: _segment(values[match[1]], match[1]), self.path)

    def describe(self, values: Mapping[str, str]) -> str:
        """Return verb and path, for a message."""
        return f"{self.verb} {_PLACEHOLDER.sub(lambda match: values[match[1]], self.path)}"


RouteTable = dict[str, Route]


def prefix_routes(base_url: str, table: RouteTable) -> RouteTable:
    """Return the same routes with the base URL, for messages."""
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
    return {name: Route(api, name, verb, path, _is_idempotent(name, verb)) for name, verb, path in rows}


def _is_idempotent(name: str, verb: str) -> bool:
    return verb in _IDEMPOTENT_VERBS or name == LOGIN


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


if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover -- 3.10 only
    # mypy reads this package as 3.10 wherever it runs, and tomli is installed on 3.10 only.
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]


_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SEGMENT = re.compile(r"[A-Za-z0-9._~@:,;=+!$&'()*-]+|\{[A-Za-z]+\}")


def override_routes(table: RouteTable, path: str) -> RouteTable:
    """Return the table with the overrides in the file at `path`."""
    entries = _read(path)
    reasons = [reason for name, entry in entries.items() for reason in _reasons(table, name, entry)]
    if reasons:
        raise SettingsError(f"CONDUCTOR_ROUTES, {escaped(path)}: {'; '.join(reasons)}")
    return {**table, **{name: _override(table[name], entry) for name, entry in entries.items()}}


def _read(path: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(f"CONDUCTOR_ROUTES, {escaped(path)}: cannot be read: {escaped(str(reason))}") from None
    return content


def _override(route: Route, entry: Mapping[str, str]) -> Route:
    verb = entry.get("verb", route.verb)
    path = "/" + entry.get("path", route.path).removeprefix("/")
    return replace(route, verb=verb, path=path, is_idempotent=route.is_idempotent and _stays_idempotent(route, verb))


def _stays_idempotent(route: Route, verb: str) -> bool:
    return verb in _IDEMPOTENT_VERBS or verb == route.verb


def _reasons(table: RouteTable, name: str, entry: object) -> Iterator[str]:
    shown = escaped(name, 40)
    if name not in table:
        yield f"[{shown}] is not an operation; known are {', '.join(table)}"
    elif not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        yield f"[{shown}] must be a table with the texts `verb` and `path`"
    else:
        yield from (f"[{shown}] {reason}" for reason in _entry_reasons(table[name], entry))


def _entry_reasons(route: Route, entry: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(set(entry) - {"verb", "path"}):
        yield f"has an unknown key `{escaped(key, 40)}`"
    yield from _verb_reasons(route, entry.get("verb", route.verb))
    yield from _path_reasons(route, entry.get("path", route.path))


def _verb_reasons(route: Route, verb: str) -> Iterator[str]:
    if verb not in _VERBS:
        yield f"`verb` must be one of {', '.join(_VERBS)}"
    elif verb == "GET" and route.verb != "GET":
        yield "`verb` must not be GET: this operation is not a read"


def _path_reasons(route: Route, path: str) -> Iterator[str]:
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if not all(_SEGMENT.fullmatch(segment) and segment not in (".", "..") for segment in segments):
        yield "`path` must be a plain path below the base URL, without empty, '.' or '..' segments, query or %"
    elif sorted(replace(route, path=path).placeholders) != sorted(route.placeholders):
        wanted = ", ".join(f"{{{name}}}" for name in route.placeholders) or "none"
        yield f"`path` must have each placeholder once, as a segment of its own: {wanted}"
