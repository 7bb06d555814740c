"""Executes one request with retries inside the deadline, and parses the response into a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.api.deadline import operation, remaining_s
from pulumi_conduit.api.error_mapping import deadline_error, error_for, wait_error
from pulumi_conduit.api.records import parse_response
from pulumi_conduit.api.request import ApiRequest, ApiResponse, TransportFailure
from pulumi_conduit.api.retry import MOST_TRIES, backoff_s, is_retryable, is_served, may_have_effect, retry_after_s
from pulumi_conduit.errors import AccessDeniedError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pydantic import TypeAdapter

    from pulumi_conduit.api.deadline import Clock
    from pulumi_conduit.api.http import HttpSender
    from pulumi_conduit.api.retry import RateLimiter, RetryQuota
    from pulumi_conduit.errors import DeadlineExceededError
    from pulumi_conduit.settings import Secret

__all__ = ["OnRequest", "RequestExecutor", "RetryPolicy", "Transport"]

_STEP_S = 0.25

OnRequest = Callable[[str, str, "int | None", float], None]
"""Called after every attempt with method, path, status or None, milliseconds; never with a body or a header."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long, how often and how fast to try; `deadline_s` applies outside operations. Pauses are in `retry.py`."""

    clock: Clock
    quota: RetryQuota
    limiter: RateLimiter
    deadline_s: float


@dataclass
class _Attempts:
    """The attempts at one request so far."""

    request: ApiRequest
    tries: int = 0
    in_doubt: bool = False
    last: str = "it was not sent"

    def add(self, outcome: ApiResponse | TransportFailure) -> None:
        self.tries += 1
        self.in_doubt = self.in_doubt or may_have_effect(self.request, outcome)
        self.last = (
            outcome.reason if isinstance(outcome, TransportFailure) else f"the last response was {outcome.status}"
        )

    def deadline_error(self) -> DeadlineExceededError:
        """Return the error for a deadline that ends the attempts."""
        return deadline_error(self.request, self.last, in_doubt=self.in_doubt)


class RequestExecutor:
    """Send requests, retry where that is safe, and raise for anything but a 2xx."""

    def __init__(
        self,
        sender: HttpSender,
        policy: RetryPolicy,
        *,
        secrets: tuple[Secret, ...],
        on_request: OnRequest | None,
    ) -> None:
        """Take the sender, the retry policy, and the `secrets` to redact from messages."""
        self._sender = sender
        self._clock = policy.clock
        self._quota = policy.quota
        self._limiter = policy.limiter
        self._deadline_s = policy.deadline_s
        self._secrets = secrets
        self._on_request = on_request

    def deadline(self) -> AbstractContextManager[None]:
        """Apply one deadline to the block, unless an operation already has one."""
        return operation(self._deadline_s, monotonic=self._clock.monotonic)

    def perform(self, request: ApiRequest, token: Secret | None) -> ApiResponse:
        """Return the 2xx response to a request, after retries."""
        with self.deadline():
            attempts = _Attempts(request)
            while True:
                outcome = self._attempt(attempts, token)
                if is_served(outcome):
                    self._quota.give_back(attempts.tries - 1)
                if isinstance(outcome, ApiResponse) and outcome.is_success:
                    return outcome
                self._wait_or_raise(attempts, outcome, token)

    def close(self) -> None:
        """Close the idle connections."""
        self._sender.close()

    def _attempt(self, attempts: _Attempts, token: Secret | None) -> ApiResponse | TransportFailure:
        self._queue(attempts)
        left_s = self._left_s()
        if left_s <= 0:
            raise attempts.deadline_error()
        began = self._clock.monotonic()
        outcome = self._sender.attempt(attempts.request, token, left_s)
        attempts.add(outcome)
        self._update_limiter(outcome, began)
        self._report(attempts.request, outcome, (self._clock.monotonic() - began) * 1000)
        return outcome

    def _queue(self, attempts: _Attempts) -> None:
        ticket = self._limiter.take_ticket(self._clock.monotonic(), self._left_s())
        if ticket is None:
            raise attempts.deadline_error()
        while wait_s := self._limiter.wait_s(ticket, self._clock.monotonic()):
            if wait_s >= self._left_s():
                raise attempts.deadline_error()
            # In steps, because the rate may rise while waiting.
            self._clock.sleep(min(wait_s, max(wait_s / 4, _STEP_S)))

    def _update_limiter(self, outcome: ApiResponse | TransportFailure, began: float) -> None:
        now = self._clock.monotonic()
        if is_served(outcome):
            self._limiter.record_success(now)
        elif isinstance(outcome, ApiResponse) and outcome.status == 429:
            self._limiter.record_refusal(now, began)

    def _wait_or_raise(
        self, attempts: _Attempts, outcome: ApiResponse | TransportFailure, token: Secret | None
    ) -> None:
        """Wait for the next attempt; raise where the outcome, the tries, the deadline or the quota forbid one."""
        if attempts.tries >= MOST_TRIES or not is_retryable(attempts.request, outcome):
            raise error_for(attempts.request, outcome, self._all_secrets(token), in_doubt=attempts.in_doubt)
        asked_s = retry_after_s(outcome, self._clock.wall())
        left_s = self._left_s()
        if isinstance(outcome, ApiResponse) and asked_s is not None and asked_s > left_s:
            raise wait_error(attempts.request, outcome, asked_s, max(left_s, 0))
        pause_s = backoff_s(attempts.tries, self._clock.random) if asked_s is None else asked_s
        if pause_s >= left_s:
            raise attempts.deadline_error()
        if not self._quota.take():
            raise error_for(attempts.request, outcome, self._all_secrets(token), in_doubt=attempts.in_doubt)
        self._clock.sleep(pause_s)

    def _left_s(self) -> float:
        left_s = remaining_s()
        return self._deadline_s if left_s is None else left_s

    def _report(self, request: ApiRequest, outcome: ApiResponse | TransportFailure, milliseconds: float) -> None:
        if self._on_request:
            status = outcome.status if isinstance(outcome, ApiResponse) else None
            self._on_request(request.route.verb, request.path, status, milliseconds)

    def _all_secrets(self, token: Secret | None) -> tuple[Secret, ...]:
        return (*self._secrets, token) if token else self._secrets


T = TypeVar("T")


class Auth(Protocol):
    """A source of tokens."""

    def token(self) -> Secret:
        """Return the token to send."""

    def renew(self, refused: Secret) -> bool:
        """Discard a token that got a 401; return whether another one can be requested."""


class Transport:
    """Send authenticated requests to one API; thread-safe."""

    def __init__(self, executor: RequestExecutor, auth: Auth) -> None:
        """Take the executor, and the source of the token that its requests carry."""
        self._executor = executor
        self._auth = auth

    def send(self, request: ApiRequest, schema: TypeAdapter[T]) -> T:
        """Send a request and return the parsed response; login, retries and waits share one deadline."""
        with self._executor.deadline():
            return parse_response(request, self._perform(request), schema)

    def authenticate(self) -> None:
        """Get a token if there is none, without a further request."""
        with self._executor.deadline():
            self._auth.token()

    def close(self) -> None:
        """Close the idle connections."""
        self._executor.close()

    def _perform(self, request: ApiRequest) -> ApiResponse:
        token = self._auth.token()
        try:
            return self._executor.perform(request, token)
        except AccessDeniedError as error:
            # A 401 is returned before any effect, so even a POST can be sent again with another token.
            if error.status != 401 or not self._auth.renew(token):
                raise
        return self._executor.perform(request, self._auth.token())
