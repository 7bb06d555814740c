"""One request to be made, and what can come of one attempt at it.

Must not know how it is sent, repeated or reported.
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

__all__ = ["ApiRequest", "ApiResponse", "Delivery", "TransportFailure"]

_MEBIBYTE = 2**20


@dataclass(frozen=True)
class ApiRequest:
    """One request, before anybody's authority is added."""

    route: Route
    ids: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: Mapping[str, Any] | None = field(default=None, repr=False)  # a login has the password in it
    limit_bytes: int = _MEBIBYTE

    @property
    def path(self) -> str:
        """Return the path below the base URL as it is sent, with its query."""
        path = self.route.filled(self.ids)
        return f"{path}?{self.query}" if self.query else path

    @property
    def shown(self) -> str:
        """Return the request as messages show it."""
        return escaped(self.route.shown(self.ids))

    @property
    def content(self) -> bytes | None:
        """Return the body as JSON, or None when there is none."""
        return None if self.body is None else json.dumps(self.body, allow_nan=False).encode()


@dataclass(frozen=True)
class ApiResponse:
    """A complete answer of the API, whatever it says; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # cookies and tokens are nobody's business
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Tell whether the API did what it was asked for."""
        return 200 <= self.status < 300


class Delivery(Enum):
    """What became of a request without a usable answer."""

    UNSENT = "the API has certainly not seen it; the next attempt may succeed"
    UNSENDABLE = "the API has certainly not seen it, and never will"
    UNANSWERED = "the API may have seen it"
    UNREADABLE = "the API did it, and its answer cannot be used"


@dataclass(frozen=True)
class TransportFailure:
    """A request without a usable answer; `reason` is fit for a message."""

    fate: Delivery
    reason: str
