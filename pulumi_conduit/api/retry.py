"""Which outcomes are retried, and when.

Must not send or report. A POST is only retried when the API has certainly not processed it.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_TRIES", "SERVER_TROUBLE", "backoff_s", "is_served", "is_transient", "may_have_effect", "retry_after_s"]

MOST_TRIES = 6
_FIRST_S = 0.2
_LONGEST_S = 10.0
SERVER_TROUBLE = frozenset({500, 502, 503, 504})
"""Statuses of a server that temporarily cannot serve requests."""
_BUSY = frozenset({408, 429})
_SECONDS = re.compile(r"[0-9]{1,18}")


def is_transient(request: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether a retry is safe and may succeed."""
    if isinstance(outcome, TransportFailure):
        return outcome.delivery is Delivery.UNSENT or (
            outcome.delivery is Delivery.UNANSWERED and request.route.is_idempotent
        )
    # A login, too: a 429 or 5xx is no verdict on the password, so a retry locks no account.
    return outcome.status in (SERVER_TROUBLE | _BUSY if request.route.is_idempotent else {429})


def is_served(outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether the API processed the request, if only by refusing it."""
    return isinstance(outcome, ApiResponse) and outcome.status < 500 and outcome.status not in _BUSY


def may_have_effect(request: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether a write may have taken effect despite this outcome."""
    if request.route.is_read:
        return False
    if isinstance(outcome, TransportFailure):
        return outcome.delivery in (Delivery.UNANSWERED, Delivery.UNREADABLE)
    return outcome.status == 408 or outcome.status >= 500


def backoff_s(tries: int, random: Callable[[], float]) -> float:
    """Return an exponential backoff with full jitter."""
    return random() * min(_LONGEST_S, _FIRST_S * 2.0 ** (tries - 1))


def retry_after_s(outcome: ApiResponse | TransportFailure, now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for, seen from the Unix time `now`, or None."""
    text = outcome.headers.get("retry-after", "").strip() if isinstance(outcome, ApiResponse) else ""
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        wait_s = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait_s if wait_s >= 0 else None
