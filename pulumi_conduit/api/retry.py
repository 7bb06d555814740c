"""Which attempts are worth another one, and when.

Must not send or report. A POST is never sent again unless the API has certainly not acted on it.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_TRIES", "SERVER_TROUBLE", "backoff_s", "is_transient", "leaves_doubt", "retry_after_s", "shows_life"]

MOST_TRIES = 6
_FIRST_S = 0.2
_LONGEST_S = 10.0
SERVER_TROUBLE = frozenset({500, 502, 503, 504})
"""What a server answers while it cannot do its work, and may not answer in a moment."""
_BUSY = frozenset({408, 429})
_SECONDS = re.compile(r"[0-9]{1,18}")


def is_transient(call: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Tell whether another attempt may succeed and can do no harm."""
    if isinstance(outcome, TransportFailure):
        return outcome.fate is Delivery.UNSENT or (outcome.fate is Delivery.UNANSWERED and call.route.is_idempotent)
    # A login, too: an API that is busy has not judged the password, so to wait and try again locks no account.
    return outcome.status in (SERVER_TROUBLE | _BUSY if call.route.is_idempotent else {429})


def shows_life(outcome: ApiResponse | TransportFailure) -> bool:
    """Tell whether the API did its work, if only by refusing."""
    return isinstance(outcome, ApiResponse) and outcome.status < 500 and outcome.status not in _BUSY


def leaves_doubt(call: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Tell whether a write may have had its effect although this came of it."""
    if call.route.is_read:
        return False
    if isinstance(outcome, TransportFailure):
        return outcome.fate in (Delivery.UNANSWERED, Delivery.UNREADABLE)
    return outcome.status == 408 or outcome.status >= 500


def backoff_s(tries: int, random: Callable[[], float]) -> float:
    """Return a wait with full jitter, so that many threads do not come back together."""
    return random() * min(_LONGEST_S, _FIRST_S * 2.0 ** (tries - 1))


def retry_after_s(outcome: ApiResponse | TransportFailure, now: float) -> float | None:
    """Return how long the API asks to wait from the Unix time `now`, or None when it says nothing usable."""
    text = outcome.headers.get("retry-after", "").strip() if isinstance(outcome, ApiResponse) else ""
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        wait_s = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait_s if wait_s >= 0 else None
