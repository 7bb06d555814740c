"""Which outcomes are retried and when, the rate limit after a 429, and the retry quota of the process.

`executor.py` (`_wait_or_raise`) and the command `verify` apply it. Must not send or report. A POST other than the login
is only retried when the API has certainly not processed it; in doubt, the resource reads the object. A create adopts
what is found, else is an error that asks for another run (`resources/conductor_user/creation.py`,
`resources/company/handler.py`); an edit of a company that had no effect is sent again.
"""

from __future__ import annotations

import math
import re
from collections import deque
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING

from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BUSY",
    "MOST_RETRIES",
    "MOST_TRIES",
    "SERVER_TROUBLE",
    "RateLimiter",
    "RateLimiters",
    "RetryQuota",
    "RetryQuotas",
    "backoff_s",
    "is_retryable",
    "is_served",
    "may_have_effect",
    "retry_after_s",
]

MOST_TRIES = 6
_FIRST_S = 0.2
_LONGEST_BACKOFF_S = 10.0
SERVER_TROUBLE = frozenset({500, 502, 503, 504})
"""Statuses of a server that temporarily cannot serve requests."""
BUSY = frozenset({408, 429})
"""Statuses that ask for the request to be sent again, later."""
_SECONDS = re.compile(r"[0-9]+")
_LONGEST_ASKED_S = 1e18  # beyond every deadline, and still shown in a line


def is_retryable(request: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether a retry is safe and may succeed; a 408 or 5xx only where the route is idempotent (`routes.py`)."""
    if isinstance(outcome, TransportFailure):
        return outcome.delivery is Delivery.UNSENT or (
            outcome.delivery is Delivery.UNANSWERED and request.route.is_idempotent
        )
    # A login, too: a 429 or 5xx is no verdict on the password, so a retry locks no account.
    return outcome.status in (SERVER_TROUBLE | BUSY if request.route.is_idempotent else {429})


def is_served(outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether the API processed the request, if only by refusing it."""
    return isinstance(outcome, ApiResponse) and outcome.status < 500 and outcome.status not in BUSY


def may_have_effect(request: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether a write may have taken effect despite this outcome."""
    if request.route.is_read:
        return False
    if isinstance(outcome, TransportFailure):
        return outcome.delivery in (Delivery.UNANSWERED, Delivery.UNREADABLE)
    return outcome.status == 408 or outcome.status >= 500


def backoff_s(tries: int, random: Callable[[], float]) -> float:
    """Return an exponential backoff with full jitter."""
    return random() * min(_LONGEST_BACKOFF_S, _FIRST_S * 2.0 ** (tries - 1))


def retry_after_s(outcome: ApiResponse | TransportFailure, now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for, seen from the Unix time `now`, or None."""
    text = outcome.headers.get("retry-after", "").strip() if isinstance(outcome, ApiResponse) else ""
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST_ASKED_S)
    try:
        wait_s = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait_s if wait_s >= 0 else None


_CUT = 0.85  # of the rate that was served
_GROWTH = 0.02
_UNTIL_OLD_RATE_S: float = ((1 - _CUT) / _GROWTH) ** (1 / 3)
_WINDOW_S = 1.0
_ENOUGH = 5  # responses in the window; fewer give no rate
_UNKNOWN_PER_S = 10.0
_LEAST_PER_S = 1.0
_BEYOND_USE_PER_S = 1000.0
_DUE = 0.001  # tickets; a tolerance, because floats never reach exactly zero


class RateLimiter:
    """The queue of requests to one server; thread-safe. All times are of one monotonic clock."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self._lock = Lock()
        self._served: deque[float] = deque()
        self._top: float | None = None
        self._age_s = 0.0
        self._grown_at = self._cut_at = -math.inf
        self._tickets = 0
        self._admitted = 0.0
        self._counted_at = 0.0

    def take_ticket(self, now: float, longest_s: float) -> int | None:
        """Return a ticket at the end of the queue, or None if its wait would reach `longest_s`."""
        with self._lock:
            self._count(now)
            if self._top is not None and self._wait_s(self._tickets) >= longest_s:
                return None
            self._tickets += 1
            return self._tickets - 1

    def wait_s(self, ticket: int, now: float) -> float:
        """Return how long to wait until the ticket is due at the current rate; the rate may change."""
        with self._lock:
            self._count(now)
            return self._wait_s(ticket)

    def record_success(self, now: float) -> None:
        """Record a served request: the rate rises a little."""
        with self._lock:
            self._served.append(now)
            self._drop_until(now - _WINDOW_S)
            if self._top is not None:
                self._count(now)
                # Idle time is no evidence of capacity: count one window at most.
                self._age_s += min(now - self._grown_at, _WINDOW_S)
                self._grown_at = now
                if self._rate() > _BEYOND_USE_PER_S:
                    self._top = None

    def record_refusal(self, now: float, sent_at: float) -> None:
        """Note a 429, message to a request that was sent at `sent_at`."""
        with self._lock:
            if sent_at <= self._cut_at:
                return  # sent before the rate was cut
            self._count(now)
            self._drop_until(now - _WINDOW_S)
            self._top = self._served_per_s()
            self._age_s = 0.0
            self._grown_at = self._cut_at = now

    def _count(self, now: float) -> None:
        """Advance the queue; an empty queue accumulates no credit."""
        now = max(now, self._counted_at)  # threads may arrive in another order than they read the clock
        due = math.inf if self._top is None else self._admitted + (now - self._counted_at) * self._rate()
        self._admitted = min(due, self._tickets)
        self._counted_at = now

    def _wait_s(self, ticket: int) -> float:
        ahead = ticket - self._admitted
        return 0.0 if self._top is None or ahead < _DUE else ahead / self._rate()

    def _served_per_s(self) -> float:
        """Return the measured rate; with too few responses, a conservative one."""
        if len(self._served) >= _ENOUGH:
            return len(self._served) / _WINDOW_S
        return _UNKNOWN_PER_S if self._top is None else min(self._rate(), _UNKNOWN_PER_S)

    def _rate(self) -> float:
        curve: float = 1 + _GROWTH * (self._age_s - _UNTIL_OLD_RATE_S) ** 3
        return max((self._top or 0.0) * curve, _LEAST_PER_S)

    def _drop_until(self, past: float) -> None:
        while self._served and self._served[0] <= past:
            self._served.popleft()


class RateLimiters:
    """The limiters of a process."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._limiters: dict[str, RateLimiter] = {}

    def of(self, origin: str) -> RateLimiter:
        """Return the one limiter of a server, named by scheme, host and port."""
        with self._lock:
            return self._limiters.setdefault(origin, RateLimiter())


MOST_RETRIES = 100
_ANSWERS_PER_RETRY = 10


class RetryQuota:
    """The remaining retries to one base URL; thread-safe."""

    def __init__(self, most: int = MOST_RETRIES) -> None:
        """Begin with all of them."""
        self._lock = Lock()
        self._most = most * _ANSWERS_PER_RETRY
        self._left = self._most

    def take(self) -> bool:
        """Take one retry; return whether one was left."""
        with self._lock:
            if self._left < _ANSWERS_PER_RETRY:
                return False
            self._left -= _ANSWERS_PER_RETRY
            return True

    def give_back(self, taken: int) -> None:
        """Return the retries of a request that was served, plus a tenth of one."""
        with self._lock:
            self._left = min(self._most, self._left + taken * _ANSWERS_PER_RETRY + 1)


class RetryQuotas:
    """The quotas of a process."""

    def __init__(self, most: int = MOST_RETRIES) -> None:
        """Begin without any; each has `most` retries."""
        self._lock = Lock()
        self._most = most
        self._quotas: dict[str, RetryQuota] = {}

    def of(self, base_url: str) -> RetryQuota:
        """Return the one quota of a base URL."""
        with self._lock:
            return self._quotas.setdefault(base_url, RetryQuota(self._most))
