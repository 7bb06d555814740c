"""One request from the first attempt to the last, inside the deadline, and its response as a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.api.deadline import operation, remaining_s
from pulumi_conduit.api.error_mapping import deadline_error, error_for, wait_error
from pulumi_conduit.api.parsing import parse_response
from pulumi_conduit.api.request import ApiRequest, ApiResponse, TransportFailure
from pulumi_conduit.api.retry import MOST_TRIES, backoff_s, is_transient, leaves_doubt, retry_after_s, shows_life
from pulumi_conduit.errors import AccessDeniedError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pydantic import TypeAdapter

    from pulumi_conduit.api.deadline import Clock
    from pulumi_conduit.api.http import HttpSender
    from pulumi_conduit.api.rate_limit import RateLimiter, RetryQuota
    from pulumi_conduit.errors import DeadlineExceededError
    from pulumi_conduit.settings import Secret

__all__ = ["OnRequest", "RequestExecutor", "RetryPolicy", "Transport"]

_STEP_S = 0.25

OnRequest = Callable[[str, str, "int | None", float], None]
"""Told of every attempt: method, path, status or None, milliseconds; never of a body or a header."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long, how often and how fast to try; the deadline is for calls outside operations."""

    clock: Clock
    quota: RetryQuota
    limiter: RateLimiter
    deadline_s: float


@dataclass
class _Attempts:
    """How a request has fared so far."""

    call: ApiRequest
    tries: int = 0
    in_doubt: bool = False
    last: str = "it was not sent"

    def add(self, outcome: ApiResponse | TransportFailure) -> None:
        self.tries += 1
        self.in_doubt = self.in_doubt or leaves_doubt(self.call, outcome)
        self.last = outcome.reason if isinstance(outcome, TransportFailure) else f"the last answer was {outcome.status}"

    def deadline_error(self) -> DeadlineExceededError:
        """Return the error for a deadline that ends it here."""
        return deadline_error(self.call, self.last, in_doubt=self.in_doubt)


class RequestExecutor:
    """Send requests, again where that is safe, and raise for whatever is not a success."""

    def __init__(
        self,
        wire: HttpSender,
        patience: RetryPolicy,
        *,
        secrets: tuple[Secret, ...],
        on_request: OnRequest | None,
    ) -> None:
        """Take the wire, how long to try, and the `secrets` that the API might quote."""
        self._wire = wire
        self._clock = patience.clock
        self._quota = patience.quota
        self._limiter = patience.limiter
        self._deadline_s = patience.deadline_s
        self._secrets = secrets
        self._on_request = on_request

    def deadline(self) -> AbstractContextManager[None]:
        """Give everything inside one deadline, unless it is inside an operation already."""
        return operation(self._deadline_s, monotonic=self._clock.monotonic)

    def perform(self, call: ApiRequest, token: Secret | None) -> ApiResponse:
        """Return the success that a request ended in."""
        with self.deadline():
            attempts = _Attempts(call)
            while True:
                outcome = self._attempt(attempts, token)
                if shows_life(outcome):
                    self._quota.give_back(attempts.tries - 1)
                if isinstance(outcome, ApiResponse) and outcome.is_success:
                    return outcome
                self._wait(attempts, outcome, token)

    def close(self) -> None:
        """Close the idle connections."""
        self._wire.close()

    def _attempt(self, attempts: _Attempts, token: Secret | None) -> ApiResponse | TransportFailure:
        self._queue(attempts)
        left_s = self._left_s()
        if left_s <= 0:
            raise attempts.deadline_error()
        began = self._clock.monotonic()
        outcome = self._wire.attempt(attempts.call, token, left_s)
        attempts.add(outcome)
        self._note(outcome, began)
        self._tell(attempts.call, outcome, (self._clock.monotonic() - began) * 1000)
        return outcome

    def _queue(self, attempts: _Attempts) -> None:
        ticket = self._limiter.ticket(self._clock.monotonic(), self._left_s())
        if ticket is None:
            raise attempts.deadline_error()
        while wait_s := self._limiter.wait_s(ticket, self._clock.monotonic()):
            if wait_s >= self._left_s():
                raise attempts.deadline_error()
            # In steps, for the queue may become faster meanwhile.
            self._clock.sleep(min(wait_s, max(wait_s / 4, _STEP_S)))

    def _note(self, outcome: ApiResponse | TransportFailure, began: float) -> None:
        now = self._clock.monotonic()
        if shows_life(outcome):
            self._limiter.served(now)
        elif isinstance(outcome, ApiResponse) and outcome.status == 429:
            self._limiter.refused(now, began)

    def _wait(self, attempts: _Attempts, outcome: ApiResponse | TransportFailure, token: Secret | None) -> None:
        if attempts.tries >= MOST_TRIES or not is_transient(attempts.call, outcome):
            raise error_for(attempts.call, outcome, self._known(token), in_doubt=attempts.in_doubt)
        asked_s = retry_after_s(outcome, self._clock.wall())
        left_s = self._left_s()
        if isinstance(outcome, ApiResponse) and asked_s is not None and asked_s > left_s:
            raise wait_error(attempts.call, outcome, asked_s, max(left_s, 0))
        pause_s = backoff_s(attempts.tries, self._clock.random) if asked_s is None else asked_s
        if pause_s >= left_s:
            raise attempts.deadline_error()
        if not self._quota.take():
            raise error_for(attempts.call, outcome, self._known(token), in_doubt=attempts.in_doubt)
        self._clock.sleep(pause_s)

    def _left_s(self) -> float:
        left_s = remaining_s()
        return self._deadline_s if left_s is None else left_s

    def _tell(self, call: ApiRequest, outcome: ApiResponse | TransportFailure, milliseconds: float) -> None:
        if self._on_request:
            status = outcome.status if isinstance(outcome, ApiResponse) else None
            self._on_request(call.route.verb, call.path, status, milliseconds)

    def _known(self, token: Secret | None) -> tuple[Secret, ...]:
        return (*self._secrets, token) if token else self._secrets


T = TypeVar("T")


class Authority(Protocol):
    """Where tokens come from."""

    def token(self) -> Secret:
        """Return the token to send."""

    def renew(self, refused: Secret) -> bool:
        """Give up a token that was answered 401; return whether another one may be had."""


class Transport:
    """Make calls of one API, from any number of threads."""

    def __init__(self, exchange: RequestExecutor, authority: Authority) -> None:
        """Take the exchange, whose requests carry what the authority gives."""
        self._exchange = exchange
        self._authority = authority

    def ask(self, call: ApiRequest, form: TypeAdapter[T]) -> T:
        """Make the call and return the record in its answer; login, retries and waits share one deadline."""
        with self._exchange.deadline():
            return parse_response(call, self._answer(call), form)

    def authorise(self) -> None:
        """Get what the authority gives, where that is still to be done; nothing is asked for with it yet."""
        with self._exchange.deadline():
            self._authority.token()

    def close(self) -> None:
        """Close the idle connections."""
        self._exchange.close()

    def _answer(self, call: ApiRequest) -> ApiResponse:
        token = self._authority.token()
        try:
            return self._exchange.perform(call, token)
        except AccessDeniedError as error:
            # A 401 is said before anything is done, so that even a POST may follow with another token.
            if error.status != 401 or not self._authority.renew(token):
                raise
        return self._exchange.perform(call, self._authority.token())
