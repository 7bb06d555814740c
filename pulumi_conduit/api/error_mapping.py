"""Every failure of an API as one line and one class: mapped here, once, without a secret."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlsplit

from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure
from pulumi_conduit.api.routes import LOGIN
from pulumi_conduit.api.strict_json import NOT_JSON, decode_json
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

__all__ = ["copy_error", "deadline_error", "error_for", "spellings", "unusable_response", "wait_error"]

_FEWEST_SIGNS = 8  # of base64: fewer say nothing about a secret, and occur by chance


def spellings(secret: str) -> list[str]:
    """Return every spelling, the longest first, so that none is left over from within another."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found = {secret} | in_json | in_urls | set(_in_base64(secret.encode(errors="surrogatepass")))
    return sorted(filter(None, found), key=len, reverse=True)


def _in_base64(secret: bytes) -> Iterator[str]:
    """Return what base64 makes of the secret alone, wherever in a longer text it begins."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        # Six bits a sign: the first and the last may belong to the neighbours as well.
        alone = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(alone) >= _FEWEST_SIGNS:
            yield alone
            yield alone.replace("+", "-").replace("/", "_")


_URLS = {"Conduit Link": "CONDUIT_LINK_URL", "Conductor": "CONDUCTOR_URL"}
_TABLES = {"Conduit Link": "", "Conductor": " and the route table (CONDUCTOR_ROUTES)"}
_LINK_CREDENTIALS = "check CONDUIT_LINK_APP_TOKEN"
_LOGIN_CREDENTIALS = "check CONDUCTOR_USERNAME and CONDUCTOR_PASSWORD, and what that identity may do"
_NOT_FOUND = (404, 405, 410)
"""What a server answers to a path or a verb that it does not have."""
_SAYINGS: dict[type[HTTPStatusError], str] = {
    NotFoundError: "it is not there, or this identity cannot see it",
    AlreadyExistsError: "it is there already",
}
_BUSY = (408, 429)
_LOGIN_REFUSALS = (400, 401, 403)
_KINDS = {401: AccessDeniedError, 403: AccessDeniedError, 404: NotFoundError, 409: AlreadyExistsError}
_LOOK = "it may or may not have had its effect; look before it is sent again"


def error_for(
    call: ApiRequest, outcome: ApiResponse | TransportFailure, secrets: Sequence[Secret], *, in_doubt: bool
) -> ApiError:
    """Return the error for the last attempt; `in_doubt` when any attempt may have had an effect."""
    if isinstance(outcome, TransportFailure):
        return _lost(call, outcome, in_doubt=in_doubt)
    if in_doubt and not call.route.is_idempotent:
        return OutcomeUnknownError(f"{_refused(call, outcome, secrets)}; {_LOOK}")
    kind = _kind(call, outcome)
    return kind(f"{_refused(call, outcome, secrets)}; {_advice(call, outcome, kind)}", outcome.status)


def unusable_response(call: ApiRequest, reason: str) -> ApiError:
    """Return the error for a success whose answer cannot be used; `reason` continues 'the answer'."""
    text = f"the answer of {call.route.api} to {call.shown} {reason}"
    if call.route.is_idempotent:
        return UnexpectedResponseError(f"{text}; {_check_address(call)}, and that the API is the documented version")
    return OutcomeUnknownError(f"{text}; {_LOOK}")


def deadline_error(call: ApiRequest, reason: str, *, in_doubt: bool) -> DeadlineExceededError:
    """Return the error for a request that the deadline ended; `reason` is why the last attempt was no success."""
    text = f"the time for {call.shown} of {call.route.api} ran out: {reason}"
    return DeadlineExceededError(f"{text}; {_LOOK if in_doubt else 'run again, or raise CONDUIT_DEADLINE_SECONDS'}")


def wait_error(call: ApiRequest, answer: ApiResponse, asked_s: float, left_s: float) -> HTTPStatusError:
    """Return the error for an API that asks for more time than the operation has."""
    return HTTPStatusError(
        f"{call.route.api} answered {answer.status} to {call.shown} and asks to wait {asked_s:.0f} s, longer than the"
        f" {left_s:.0f} s left; run again later, or raise CONDUIT_DEADLINE_SECONDS",
        answer.status,
    )


def copy_error(error: BaseException) -> BaseException:
    """Return a copy: one exception raised in many threads would gather all their tracebacks."""
    if isinstance(error, HTTPStatusError):
        return type(error)(str(error), error.status)
    return type(error)(str(error))


def _lost(call: ApiRequest, lost: TransportFailure, *, in_doubt: bool) -> ApiError:
    if lost.fate is Delivery.UNREADABLE:
        return unusable_response(call, f"cannot be used: {lost.reason}")
    text = f"no answer of {call.route.api} to {call.shown}: {lost.reason}"
    if in_doubt:
        return OutcomeUnknownError(f"{text}; {_LOOK}")
    return UnreachableError(f"{text}; check {_URLS[call.route.api]} and the network")


def _kind(call: ApiRequest, answer: ApiResponse) -> type[HTTPStatusError]:
    if call.route.name == LOGIN:
        # Never NotFoundError: a login that answers 404 says nothing about the user that was asked for.
        return AccessDeniedError if answer.status in _LOGIN_REFUSALS else HTTPStatusError
    # Only where an object is addressed, and in JSON: a proxy or a wrong base URL answers 404, too.
    if answer.status == 404 and not (call.route.placeholders and _is_json(answer)):
        return HTTPStatusError
    return _KINDS.get(answer.status, HTTPStatusError)


def _refused(call: ApiRequest, answer: ApiResponse, secrets: Sequence[Secret]) -> str:
    said = _message(answer, secrets)
    return f"{call.route.api} refused {call.shown}: {answer.status}{_target(answer)}" + (f" '{said}'" if said else "")


def _advice(call: ApiRequest, answer: ApiResponse, kind: type[HTTPStatusError]) -> str:
    if kind in _SAYINGS:
        return _SAYINGS[kind]
    if answer.status >= 500 or answer.status in _BUSY:
        return "run again later"
    if answer.status < 400 or answer.status in _NOT_FOUND:
        is_documented = call.route.name == LOGIN and answer.status == 404 and _is_json(answer)
        return _check_address(call) + (", then the user name" if is_documented else "")
    if _is_page(answer):
        return f"a web page, which is not from this API: {_check_address(call)}, and the network"
    if call.route.name == LOGIN:
        is_judged = answer.status in _LOGIN_REFUSALS
        return _LOGIN_CREDENTIALS if is_judged else f"{_check_address(call)}, then user name and password"
    return _denial_advice(call, answer) if kind is AccessDeniedError else "correct what was sent"


def _denial_advice(call: ApiRequest, answer: ApiResponse) -> str:
    """Return what to do about a 401 or 403; of Conductor's, none is about the password: the login has succeeded."""
    if call.route.api == "Conduit Link":
        return _LINK_CREDENTIALS
    if answer.status == 401:
        return (
            f"the login succeeded, but its token is refused: {_check_address(call)}, and that nobody else logs in as"
            " this identity meanwhile"
        )
    if call.route.is_about_users:
        return (
            "the login is right, but this identity may not do that: check in Conductor that the user is no ADMIN, and"
            " that this identity owns the accounts"
        )
    return "the login is right, but this identity may not do that: check in Conductor that it is an Admin"


def _check_address(call: ApiRequest) -> str:
    shown = f" ({escaped(call.route.base_url)})" if call.route.base_url else ""
    return f"check {_URLS[call.route.api]}{shown}{_TABLES[call.route.api]}"


def _target(answer: ApiResponse) -> str:
    if "location" not in answer.headers or not 300 <= answer.status < 400:
        return ""
    try:
        host = urlsplit(answer.headers["location"]).hostname
    except ValueError:
        host = None
    return f", a redirect to {escaped(host) if host else 'another path'}, which is not followed"


def _is_json(answer: ApiResponse) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return (kind == "application/json" or kind.endswith("+json")) and decode_json(answer.body) is not NOT_JSON


def _is_page(answer: ApiResponse) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or answer.body.lstrip().startswith(b"<")


def _message(answer: ApiResponse, secrets: Sequence[Secret]) -> str:
    content = decode_json(answer.body)
    if not isinstance(content, dict):
        return ""
    said = next((text for key in ("message", "error", "detail") if isinstance(text := content.get(key), str)), "")
    for secret in secrets:
        for spelling in spellings(secret.reveal()):
            said = said.replace(spelling, "***")
    return escaped(said)
