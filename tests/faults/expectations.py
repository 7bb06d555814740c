"""What must come of every cell of the matrix, written down: by row of faults and kind of operation, exceptions by name.

`three` is what comes of a fault that strikes three times in a row, `lasting` of one that never ends. A fault that ends
an operation at its first request has one entry, for both are then the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from operations import Kind

from pulumi_conduit.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    DeadlineExceededError,
    HTTPStatusError,
    NotFoundError,
    OutcomeUnknownError,
    UnexpectedResponseError,
    UnreachableError,
)

READ, LOGIN, REPEATABLE, POST = Kind.READ, Kind.LOGIN, Kind.REPEATABLE, Kind.POST
BACKOFF = (0.2, 0.4, 0.8, 1.6, 3.2)

_LOOK = "it may have taken effect: check before sending it again"
_LOST = "no response from {api} to {shown}: {words}; "
_REFUSED = "{api} refused {shown}: {status}{said}; "
_UNUSABLE = "the response from {api} to {shown} {words}; "
_VERSION = "{address}, and that the API is the documented version"
_ROUTE = "{address}"
_OVER = "deadline exceeded for {shown} of {api}: the response did not arrive in time; "
_RAISE = "run again, or raise CONDUIT_DEADLINE_SECONDS"


@dataclass(frozen=True)
class Outcome:
    """An error and its line, or success when there is none; and what it cost."""

    error: type | None = None
    text: str = ""
    requests: int = 1
    naps: tuple = ()
    logins: int = 0


@dataclass(frozen=True)
class Cell:
    """What comes of a fault that strikes three times, and of one that lasts."""

    three: Outcome
    lasting: Outcome


def _at_once(error, text, **cost):
    outcome = Outcome(error, text, **cost)
    return Cell(outcome, outcome)


def _survived(error, text, naps=BACKOFF):
    """Four requests for three failures; six, and no more, for a failure that lasts."""
    return Cell(Outcome(requests=4, naps=naps[:3]), Outcome(error, text, requests=6, naps=naps))


def _without_arriving(cell, **requests):
    return Cell(replace(cell.three, requests=requests["three"]), replace(cell.lasting, requests=requests["lasting"]))


_UNKNOWN_LOSS = _at_once(OutcomeUnknownError, _LOST + _LOOK)
_UNKNOWN_REFUSAL = _at_once(OutcomeUnknownError, _REFUSED + _LOOK)
_UNKNOWN_SUCCESS = _at_once(OutcomeUnknownError, _UNUSABLE + _LOOK)
_UNUSABLE_ANSWER = _at_once(UnexpectedResponseError, _UNUSABLE + _VERSION)
_DENIED = _at_once(AccessDeniedError, _REFUSED + "{credentials}")
_FORBIDDEN = _at_once(AccessDeniedError, _REFUSED + "{forbidden}")
_NOT_FOUND = _REFUSED + "not found, or not visible to this identity"
_NO_ROUTE = _at_once(HTTPStatusError, _REFUSED + _ROUTE)
_UNREACHED = _without_arriving(_survived(UnreachableError, _LOST + "check {url} and the network"), three=1, lasting=0)
_LATER = _survived(HTTPStatusError, _REFUSED + "run again later")
_RENEWED = Cell(
    Outcome(requests=2, logins=1), Outcome(AccessDeniedError, _REFUSED + "{unrenewed}", requests=2, logins=1)
)


def _for_all(cell, **exceptions):
    return {kind: exceptions.get(kind.name, cell) for kind in Kind}


_SUCCESS_WITHOUT_SENSE = _for_all(_UNUSABLE_ANSWER, POST=_UNKNOWN_SUCCESS)

TABLE = {
    "never arrives": _for_all(_UNREACHED),
    "no trust": _for_all(
        _at_once(
            UnreachableError,
            "no response from {api} to {shown}: its certificate cannot be verified; check {url} and the network",
            requests=0,
        )
    ),
    "breaks off": {
        READ: _survived(UnreachableError, _LOST + "check {url} and the network"),
        LOGIN: _survived(UnreachableError, _LOST + "check {url} and the network"),
        REPEATABLE: _survived(OutcomeUnknownError, _LOST + _LOOK),
        POST: _UNKNOWN_LOSS,
    },
    "drips": {
        READ: _at_once(DeadlineExceededError, _OVER + _RAISE),
        LOGIN: _at_once(DeadlineExceededError, _OVER + _RAISE),
        REPEATABLE: _at_once(DeadlineExceededError, _OVER + _LOOK),
        POST: _at_once(
            OutcomeUnknownError, "no response from {api} to {shown}: the response did not arrive in time; " + _LOOK
        ),
    },
    "trouble": _for_all(_LATER, POST=_UNKNOWN_REFUSAL),
    "slow down": _for_all(_LATER),
    "absurd": _for_all(
        _at_once(
            HTTPStatusError,
            "{api} responded 429 to {shown} and asks to wait 999999999 s, longer than the 120 s left;"
            " run again later, or raise CONDUIT_DEADLINE_SECONDS",
        )
    ),
    "once unauthorised": _for_all(_RENEWED, LOGIN=_DENIED),
    "unauthorised": _for_all(_RENEWED, LOGIN=_DENIED),
    "forbidden": _for_all(_FORBIDDEN),
    "missing": _for_all(
        _at_once(NotFoundError, _NOT_FOUND),
        LOGIN=_at_once(HTTPStatusError, _REFUSED + _ROUTE + ", then the user name"),
    ),
    "conflict": _for_all(
        _at_once(AlreadyExistsError, _REFUSED + "it already exists"),
        LOGIN=_at_once(HTTPStatusError, _REFUSED + _ROUTE + ", then user name and password"),
    ),
    "garbage": _SUCCESS_WITHOUT_SENSE,
    "wrong shape": _SUCCESS_WITHOUT_SENSE,
    "oversize": _SUCCESS_WITHOUT_SENSE,
    "redirect": _for_all(
        _at_once(HTTPStatusError, "{api} refused {shown}: 307, a redirect to {words}, which is not followed; " + _ROUTE)
    ),
}

_WAITS_AS_ASKED = (7.0,) * 5
_USER_WRITES = (
    "replace_user_accounts",
    "change_user_accounts",
    "update_user_account",
    "add_user_account",
    "remove_user_account",
    "set_user_status",
    "set_user_type",
)
EXCEPTIONS = {
    # Nothing renews the token of a Link APP.
    **{
        (fault, operation): _DENIED
        for fault in ("401 once", "401 always")
        for operation in ("create_company", "get_company", "edit_company")
    },
    # Where no object is addressed, a 404 is a wrong URL and no absence.
    **{("404", operation): _NO_ROUTE for operation in ("create_company", "create_user", "list_accounts", "list_users")},
    # The verbs and paths of Conductor's writes are inferred.
    **{
        ("404", operation): _at_once(
            NotFoundError, _NOT_FOUND + "; if it exists, " + _ROUTE + ", which `pulumi-conduit verify` finds"
        )
        for operation in _USER_WRITES
    },
}

# The API's own wait goes before ours.
ASKED_WAITS = {"429 in seconds": _WAITS_AS_ASKED, "429 by a date": _WAITS_AS_ASKED}

# What a refusal in plain text changes: its words are not quoted, and a 404 is no absence but perhaps a proxy's.
IN_PLAIN_TEXT = {
    ("404", operation): _NO_ROUTE
    for operation in (
        "log_in",
        "get_company",
        "edit_company",
        "get_user",
        "get_user_accounts",
        *_USER_WRITES,
    )
}

_COMPANY = "lacks `id`, lacks `created_at`, lacks `link_page`"
_USER = "lacks `email`, lacks `firstname`, lacks `lastname`, and 4 more"
_LIST = "has content in an undocumented form: list_type"
WRONG_SHAPES = {
    "create_company": _COMPANY,
    "get_company": _COMPANY,
    "edit_company": _COMPANY,
    "log_in": "lacks `accessToken`, lacks `expiresIn`",
    "list_accounts": _LIST,
    "list_users": _LIST,
    "create_user": _USER,
    "get_user": _USER,
    "get_user_accounts": "lacks `accounts`",
    "replace_user_accounts": "lacks `accounts`",
    "change_user_accounts": "lacks `accounts`",
    "update_user_account": "lacks `accounts`",
    "add_user_account": "lacks `accounts`",
    "remove_user_account": "lacks `accounts`",
    "set_user_status": "lacks `status`",
    "set_user_type": "lacks `type`",
}
_STATUSES = {"slow down": 429, "absurd": 429, "missing": 404, "conflict": 409}
_BREAKS = "the connection closed before the response was complete"


def expected(fault, operation, error_shape, *, lasting):
    """Return what must come of a cell, with its text spelled out."""
    at = (fault.name, operation.name)
    cell = EXCEPTIONS.get(at, TABLE[fault.row][operation.kind])
    if error_shape == "text":
        cell = IN_PLAIN_TEXT.get(at, cell)
    outcome = cell.lasting if lasting else cell.three
    if outcome.naps and fault.name in ASKED_WAITS:
        outcome = replace(outcome, naps=ASKED_WAITS[fault.name][: len(outcome.naps)])
    return replace(outcome, text=outcome.text.format(**_words(fault, operation, error_shape)))


def _words(fault, operation, error_shape):
    words = {
        "breaks off": fault.words or _BREAKS,
        "wrong shape": WRONG_SHAPES[operation.name],
        "oversize": f"cannot be used: it is longer than {operation.limit} bytes",
    }.get(fault.row, fault.words)
    return {
        "api": operation.api,
        "shown": operation.line,
        "url": operation.url,
        "address": operation.address,
        "credentials": operation.credentials,
        "forbidden": operation.forbidden,
        "unrenewed": operation.unrenewed,
        "words": words,
        "status": _STATUSES.get(fault.row, fault.words),
        "said": "" if error_shape == "text" else f" 'The proxy refuses {_redacted(operation)}.'",
    }


def _redacted(operation):
    return "***" if operation.kind is LOGIN else "Bearer ***"
