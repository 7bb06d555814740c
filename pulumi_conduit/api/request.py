"""A request, and the possible outcomes of one attempt at it.

Must not know how it is sent, retried or reported, nor the schema of a response. A body is strict JSON: parsers disagree
over which of two equal keys counts, so one with a duplicate key, with NaN or with Infinity is rejected.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.routes import Route

__all__ = ["NOT_JSON", "ApiRequest", "ApiResponse", "Delivery", "TransportFailure", "decode_json"]

_MEBIBYTE = 2**20


@dataclass(frozen=True)
class ApiRequest:
    """One request, without its `Authorization` header."""

    route: Route
    ids: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: Mapping[str, Any] | None = field(default=None, repr=False)  # a login has the password in it
    limit_bytes: int = _MEBIBYTE

    @property
    def path(self) -> str:
        """Return the path below the base URL as it is sent, with its query."""
        path = self.route.fill_path(self.ids)
        return f"{path}?{self.query}" if self.query else path

    @property
    def description(self) -> str:
        """Return verb and path, for a message."""
        return escaped(self.route.describe(self.ids))

    @property
    def content(self) -> bytes | None:
        """Return the body as JSON, or None when there is none."""
        return None if self.body is None else json.dumps(self.body, allow_nan=False).encode()


@dataclass(frozen=True)
class ApiResponse:
    """A complete response, of any status; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # they may hold cookies and tokens
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Return whether the status is 2xx."""
        return 200 <= self.status < 300


class Delivery(Enum):
    """Whether a request without a usable response reached the API."""

    UNSENT = "not received by the API; a retry may succeed"
    UNSENDABLE = "not received by the API; a retry cannot succeed"
    UNANSWERED = "possibly received by the API"
    UNREADABLE = "processed by the API; the response cannot be used"


@dataclass(frozen=True)
class TransportFailure:
    """A request without a usable response; `reason` is a part of a message."""

    delivery: Delivery
    reason: str


NOT_JSON = object()
"""The result for a body that is not strict JSON."""


def decode_json(body: bytes) -> object:
    """Return the decoded body, or NOT_JSON."""
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NOT_JSON


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("duplicate key")
    return content


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")
