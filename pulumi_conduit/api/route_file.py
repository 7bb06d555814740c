"""A user's own verbs and paths, from a TOML file, over the table: for the day the inferred ones turn out wrong.

Must not be able to send anything elsewhere: paths stay below the base URL, and a write never becomes a GET or, by a new
verb, repeatable. One table per operation: `[get_user]`, with `verb`, `path` or both.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import SettingsError, escaped

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover -- 3.10 only
    # mypy reads this package as 3.10 wherever it runs, and tomli is installed on 3.10 only.
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.api.routes import Route, RouteTable

__all__ = ["overridden"]

_VERBS = ("GET", "POST", "PUT", "DELETE")
_SEGMENT = re.compile(r"[A-Za-z0-9._~@:,;=+!$&'()*-]+|\{[A-Za-z]+\}")


def overridden(table: RouteTable, path: str) -> RouteTable:
    """Return the table with the routes of the file at `path` laid over it."""
    entries = _read(path)
    reasons = [reason for name, entry in entries.items() for reason in _reasons(table, name, entry)]
    if reasons:
        raise SettingsError(f"CONDUCTOR_ROUTES, {escaped(path)}: {'; '.join(reasons)}")
    return {**table, **{name: _laid_over(table[name], entry) for name, entry in entries.items()}}


def _read(path: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(f"CONDUCTOR_ROUTES, {escaped(path)}: cannot be read: {escaped(str(reason))}") from None
    return content


def _laid_over(route: Route, entry: Mapping[str, str]) -> Route:
    verb = entry.get("verb", route.verb)
    path = "/" + entry.get("path", route.path).removeprefix("/")
    return replace(route, verb=verb, path=path, is_repeatable=route.is_repeatable and _stays_repeatable(route, verb))


def _stays_repeatable(route: Route, verb: str) -> bool:
    return verb in ("GET", "PUT", "DELETE") or verb == route.verb


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
