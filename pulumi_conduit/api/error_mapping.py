"""Maps every API failure to one exception class and a one-line message without secrets."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlsplit

from pulumi_conduit.api.request import NOT_JSON, ApiRequest, ApiResponse, Delivery, TransportFailure, decode_json
from pulumi_conduit.api.retry import BUSY
from pulumi_conduit.api.routes import LOGIN
from pulumi_conduit.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ApiError,
    DeadlineExceededError,
    HTTPStatusError,
    NotFoundError,
    OutcomeUnknownError,
    UnexpectedResponseError,
    UnreachableError,
    escaped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.settings import Secret

__all__ = ["copy_error", "deadline_error", "error_for", "is_json", "spellings", "unusable_response", "wait_error"]

_MIN_CHARACTERS = 8  # of base64: shorter matches occur by chance and reveal nothing


def spellings(secret: str) -> list[str]:
    """Return every encoding of a secret, longest first, so that redaction leaves no remainder."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found = {secret} | in_json | in_urls | set(_in_base64(secret.encode(errors="surrogatepass")))
    return sorted(filter(None, found), key=len, reverse=True)


def _in_base64(secret: bytes) -> Iterator[str]:
    """Return the secret's base64 encodings at each offset within a longer text."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        # Six bits a character: the first and the last may also encode neighbouring bytes.
        alone = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(alone) >= _MIN_CHARACTERS:
            yield alone
            yield alone.replace("+", "-").replace("/", "_")


_URLS = {"Conduit Link": "CONDUIT_LINK_URL", "Conductor": "CONDUCTOR_URL"}
_TABLES = {"Conduit Link": "", "Conductor": " and the route table (CONDUCTOR_ROUTES)"}
_LINK_CREDENTIALS = "check CONDUIT_LINK_APP_TOKEN"
_LOGIN_CREDENTIALS = "check CONDUCTOR_USERNAME and CONDUCTOR_PASSWORD, and what that identity may do"
_NOT_FOUND = (404, 405, 410)
"""What a server returns for a path or a verb that it does not have."""
_EXPLANATIONS: dict[type[HTTPStatusError], str] = {
    NotFoundError: "not found, or not visible to this identity",
    AlreadyExistsError: "it already exists",
}
_LOGIN_REFUSALS = (400, 401, 403)
_KINDS = {401: AccessDeniedError, 403: AccessDeniedError, 404: NotFoundError, 409: AlreadyExistsError}
_CHECK_FIRST = "it may have taken effect: check before sending it again"


def error_for(
    request: ApiRequest, outcome: ApiResponse | TransportFailure, secrets: Sequence[Secret], *, in_doubt: bool
) -> ApiError:
    """Return the error for the last attempt; `in_doubt` when any attempt may have taken effect."""
    if isinstance(outcome, TransportFailure):
        return _transport_error(request, outcome, in_doubt=in_doubt)
    if in_doubt and not request.route.is_idempotent:
        return OutcomeUnknownError(f"{_refusal_text(request, outcome, secrets)}; {_CHECK_FIRST}")
    kind = _kind(request, outcome)
    return kind(f"{_refusal_text(request, outcome, secrets)}; {_advice(request, outcome, kind)}", outcome.status)


def unusable_response(request: ApiRequest, reason: str) -> ApiError:
    """Return the error for a 2xx whose body cannot be used; `reason` continues 'the response'."""
    text = f"the response from {request.route.api} to {request.description} {reason}"
    if request.route.is_idempotent:
        return UnexpectedResponseError(f"{text}; {_check_address(request)}, and that the API is the documented version")
    return OutcomeUnknownError(f"{text}; {_CHECK_FIRST}")


def deadline_error(request: ApiRequest, reason: str, *, in_doubt: bool) -> DeadlineExceededError:
    """Return the error for a request that met the deadline; `reason` is why the last attempt failed."""
    text = f"deadline exceeded for {request.description} of {request.route.api}: {reason}"
    return DeadlineExceededError(
        f"{text}; {_CHECK_FIRST if in_doubt else 'run again, or raise CONDUIT_DEADLINE_SECONDS'}"
    )


def wait_error(request: ApiRequest, response: ApiResponse, asked_s: float, left_s: float) -> HTTPStatusError:
    """Return the error for a `Retry-After` beyond the deadline."""
    return HTTPStatusError(
        f"{request.route.api} responded {response.status} to {request.description} and asks to wait {asked_s:.0f} s,"
        f" longer than the {left_s:.0f} s left; run again later, or raise CONDUIT_DEADLINE_SECONDS",
        response.status,
    )


def copy_error(error: BaseException) -> BaseException:
    """Return a copy: one exception raised in many threads would collect all their tracebacks."""
    if isinstance(error, HTTPStatusError):
        return type(error)(str(error), error.status)
    return type(error)(str(error))


def _transport_error(request: ApiRequest, failure: TransportFailure, *, in_doubt: bool) -> ApiError:
    if failure.delivery is Delivery.UNREADABLE:
        return unusable_response(request, f"cannot be used: {failure.reason}")
    text = f"no response from {request.route.api} to {request.description}: {failure.reason}"
    if in_doubt:
        return OutcomeUnknownError(f"{text}; {_CHECK_FIRST}")
    return UnreachableError(f"{text}; check {_URLS[request.route.api]} and the network")


def _kind(request: ApiRequest, response: ApiResponse) -> type[HTTPStatusError]:
    if request.route.name == LOGIN:
        # Never NotFoundError: a 404 to the login does not mean that the requested user is missing.
        return AccessDeniedError if response.status in _LOGIN_REFUSALS else HTTPStatusError
    # Only where an object is addressed, and in JSON: a proxy or a wrong base URL returns 404, too.
    if response.status == 404 and not (request.route.placeholders and is_json(response)):
        return HTTPStatusError
    return _KINDS.get(response.status, HTTPStatusError)


def _refusal_text(request: ApiRequest, response: ApiResponse, secrets: Sequence[Secret]) -> str:
    message = _message(response, secrets)
    return f"{request.route.api} refused {request.description}: {response.status}{_target(response)}" + (
        f" '{message}'" if message else ""
    )


def _advice(request: ApiRequest, response: ApiResponse, kind: type[HTTPStatusError]) -> str:
    if kind in _EXPLANATIONS:
        return _EXPLANATIONS[kind] + (_other_cause(request) if kind is NotFoundError else "")
    if response.status >= 500 or response.status in BUSY:
        return "run again later"
    if response.status < 400 or response.status in _NOT_FOUND:
        is_documented = request.route.name == LOGIN and response.status == 404 and is_json(response)
        return _check_address(request) + (", then the user name" if is_documented else "")
    if _is_page(response):
        return f"a web page, which is not from this API: {_check_address(request)}, and the network"
    if request.route.name == LOGIN:
        is_judged = response.status in _LOGIN_REFUSALS
        return _LOGIN_CREDENTIALS if is_judged else f"{_check_address(request)}, then user name and password"
    return _denial_advice(request, response) if kind is AccessDeniedError else "correct what was sent"


def _other_cause(request: ApiRequest) -> str:
    """Return what else a write's 404 may mean: the verbs and paths of Conductor's writes are inferred."""
    if request.route.api != "Conductor" or request.route.verb == "GET":
        return ""
    return f"; if it exists, {_check_address(request)}, which `pulumi-conduit verify` finds"


def _denial_advice(request: ApiRequest, response: ApiResponse) -> str:
    """Return the advice for a 401 or 403; for Conductor the login succeeded, so it is not the password."""
    if request.route.api == "Conduit Link":
        return _LINK_CREDENTIALS
    if response.status == 401:
        return (
            f"the login succeeded, but its token is refused: {_check_address(request)}, and that no other"
            " process logs in as this identity meanwhile"
        )
    if request.route.is_about_users:
        return (
            "the login succeeded, but this identity lacks the permission: check in Conductor that the user is not an"
            " ADMIN, and that this identity owns the accounts"
        )
    return "the login succeeded, but this identity lacks the permission: check in Conductor that it is an Admin"


def _check_address(request: ApiRequest) -> str:
    shown = f" ({escaped(request.route.base_url)})" if request.route.base_url else ""
    return f"check {_URLS[request.route.api]}{shown}{_TABLES[request.route.api]}"


def _target(response: ApiResponse) -> str:
    if "location" not in response.headers or not 300 <= response.status < 400:
        return ""
    try:
        host = urlsplit(response.headers["location"]).hostname
    except ValueError:
        host = None
    return f", a redirect to {escaped(host) if host else 'another path'}, which is not followed"


def is_json(response: ApiResponse) -> bool:
    """Return whether a body is JSON by its content type, too; only then a 404 says that an object is missing."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return (kind == "application/json" or kind.endswith("+json")) and decode_json(response.body) is not NOT_JSON


def _is_page(response: ApiResponse) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or response.body.lstrip().startswith(b"<")


def _message(response: ApiResponse, secrets: Sequence[Secret]) -> str:
    content = decode_json(response.body)
    if not isinstance(content, dict):
        return ""
    message = next((text for key in ("message", "error", "detail") if isinstance(text := content.get(key), str)), "")
    for secret in secrets:
        for spelling in spellings(secret.reveal()):
            message = message.replace(spelling, "***")
    return escaped(message)
