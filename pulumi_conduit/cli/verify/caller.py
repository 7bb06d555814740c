"""Sends one request at a time, and keeps the response as it came; knows neither operations nor what is right.

The clients raise for everything but a documented 2xx. Here a 404, a web page or another form is what is looked for.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_conduit.api.connections import TlsSettings
from pulumi_conduit.api.error_mapping import error_for, is_json
from pulumi_conduit.api.http import HttpSender, Timeouts, new_session
from pulumi_conduit.api.records import Flaw, parse_body
from pulumi_conduit.api.request import NOT_JSON, ApiRequest, ApiResponse, TransportFailure, decode_json
from pulumi_conduit.api.retry import MOST_TRIES, backoff_s, is_retryable, may_have_effect, retry_after_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import TypeAdapter

    from pulumi_conduit.settings import Secret

__all__ = ["WAITS_S", "Caller", "Reply"]

_TIMEOUT_S = 30.0
_LONGEST_WAIT_S = 60.0
_KNOWN_KEYS = ("message", "error", "errors", "detail", "title", "code", "status", "timestamp", "path")
T = TypeVar("T")

WAITS_S = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""The waits before each look at what a write has changed: a response may come before its effect is visible."""


@dataclass(frozen=True)
class Reply:
    """A request and its response."""

    request: ApiRequest
    response: ApiResponse

    @property
    def status(self) -> int:
        """Return the status."""
        return self.response.status

    @property
    def is_success(self) -> bool:
        """Return whether the status is 2xx."""
        return self.response.is_success

    @property
    def is_unknown_route(self) -> bool:
        """Return whether the server says that it has no such path, or no such verb there, and so did nothing."""
        return self.status in (404, 405, 501)

    @property
    def content(self) -> Any:
        """Return the decoded body, or NOT_JSON."""
        return decode_json(self.response.body)

    def describe(self) -> str:
        """Return status and form, without anything that the response says."""
        return f"{self.status}, {self.form}"

    def parse(self, schema: TypeAdapter[T]) -> T | Flaw:
        """Return the record in a 2xx, or why there is none."""
        if not self.is_success:
            return Flaw("is a refusal")
        return parse_body(self.response.body, schema)

    @property
    def is_json(self) -> bool:
        """Return whether the body is JSON by its content type, too; only then a 404 says that an object is missing."""
        return is_json(self.response)

    @property
    def form(self) -> str:
        """Return what the body is; of its keys only those that many APIs have."""
        content = self.content
        if not self.response.body.strip():
            return "without a body"
        if isinstance(content, dict):
            keys = [key for key in _KNOWN_KEYS if key in content]
            return "JSON" if self.is_success else f"JSON with {', '.join(keys)}" if keys else "JSON of other keys"
        if content is not NOT_JSON:
            return "JSON"
        return "a web page" if self.response.body.lstrip().startswith(b"<") else "text that is not JSON"


class Caller:
    """One API by its base URL, with the token that the requests carry."""

    def __init__(self, base_url: str, secrets: tuple[Secret, ...]) -> None:
        """Take the base URL, and what is redacted from errors."""
        self._sender = HttpSender(base_url, TlsSettings.towards(base_url, os.environ), new_session(1), Timeouts())
        self._secrets = secrets
        self.token: Secret | None = None
        self.requests = 0
        self.busy = 0
        self.asked_to_wait = 0
        self.refusals: dict[int, set[str]] = {}
        """The forms of the refusals by status."""

    def send(self, request: ApiRequest, token: Secret | None = None) -> Reply:
        """Return the response to a request, after the retries that are safe.

        :raises ApiError: where there is none.
        """
        tries, in_doubt = 1, False
        while True:
            outcome = self._sender.attempt(request, token or self.token, _TIMEOUT_S)
            self.requests += 1
            in_doubt = in_doubt or may_have_effect(request, outcome)
            wait_s = self._wait_s(outcome, tries)
            if tries == MOST_TRIES or wait_s > _LONGEST_WAIT_S or not is_retryable(request, outcome):
                break
            time.sleep(wait_s)
            tries += 1
        if isinstance(outcome, TransportFailure) or outcome.status == 429:
            raise error_for(request, outcome, self._secrets, in_doubt=in_doubt)
        reply = Reply(request, outcome)
        if not reply.is_success:
            self.refusals.setdefault(reply.status, set()).add(reply.form)
        return reply

    def waits(self) -> Iterator[None]:
        """Wait before each of the looks at what a write has changed, longer each time."""
        for wait_s in WAITS_S:
            time.sleep(wait_s)
            yield

    def close(self) -> None:
        """Close the idle connections."""
        self._sender.close()

    def _wait_s(self, outcome: ApiResponse | TransportFailure, tries: int) -> float:
        asked_s = retry_after_s(outcome, time.time())
        if isinstance(outcome, ApiResponse) and outcome.status == 429:
            self.busy += 1
            self.asked_to_wait += asked_s is not None
        return backoff_s(tries, lambda: 1.0) if asked_s is None else asked_s
