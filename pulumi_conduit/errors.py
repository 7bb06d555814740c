"""All exceptions of the package.

Must not know HTTP libraries, settings or resources. `ConduitError` derives from `pulumi.RunError`, so that a program
which raises it ends with the message and no traceback.

ConduitError
├── InvalidInputError     the program, the stack or a file has an invalid value
├── SettingsError          a URL, a credential or a limit is missing, malformed or mixed from two sources
├── RefusedError           not done because of a policy, a limit, the tenant guard or a conflict
└── ApiError               an API, or the connection to it, failed
    ├── UnreachableError        no response; the request certainly had no effect
    ├── OutcomeUnknownError     no usable response to a write that may have taken effect
    ├── DeadlineExceededError   the operation met its deadline
    ├── UnexpectedResponseError a response that does not have the documented form
    └── HTTPStatusError         an error response, with `.status`
        ├── AccessDeniedError   401 or 403, and to a login 400
        ├── NotFoundError       404 with a JSON body
        └── AlreadyExistsError  409

Every message is one line: what failed, on what, why, what to do. No message contains a credential.
"""

from __future__ import annotations

import re
import unicodedata

from pulumi.errors import RunError

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "ApiError",
    "ConduitError",
    "DeadlineExceededError",
    "HTTPStatusError",
    "InvalidInputError",
    "NotFoundError",
    "OutcomeUnknownError",
    "RefusedError",
    "SettingsError",
    "UnexpectedResponseError",
    "UnreachableError",
    "escaped",
    "is_invisible",
    "is_plain",
    "shown",
]

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Unicode's Default_Ignorable_Code_Point beyond those categories (fillers, joiners, selectors), and the blank Braille.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)


def is_plain(text: str) -> bool:
    """Say whether a text, as most are, is of letters, signs and spaces of ASCII only: nothing in it is invisible."""
    return text.isascii() and text.isprintable()


def is_invisible(character: str) -> bool:
    """Say whether nothing is seen of a character: a control, bidi, zero-width or filler one."""
    return unicodedata.category(character) in _INVISIBLE or _IGNORABLE.match(character) is not None


def escaped(text: str, limit: int = 200) -> str:
    """Return text from outside on one line, cut after `limit`: what is invisible, or looks like a space, is escaped."""
    head = text[: limit + 1]
    shown = (
        head
        if is_plain(head)
        else "".join(
            character.encode("unicode_escape").decode("ascii") if _is_misleading(character) else character
            for character in head
        )
    )
    return shown if len(text) <= limit else shown[:limit] + "…"


def _is_misleading(character: str) -> bool:
    return is_invisible(character) or (character != " " and unicodedata.category(character) == "Zs")


def shown(value: object) -> str:
    """Return a value for a message: text quoted and escaped, booleans in lower case."""
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else f"'{escaped(str(value), 80)}'"


class ConduitError(RunError):
    """What failed, on what, why, and what to do, in one line."""


class InvalidInputError(ConduitError):
    """The program, the stack or a file has an invalid value."""


class SettingsError(ConduitError):
    """A URL, a credential or a limit is missing, malformed or mixed from two sources."""


class RefusedError(ConduitError):
    """Not done because of a policy, a limit, the tenant guard, or an object that exists and differs."""


class ApiError(ConduitError):
    """One of the two APIs, or the connection to it, failed."""


class UnreachableError(ApiError):
    """There was no response, and the request certainly had no effect."""


class OutcomeUnknownError(ApiError):
    """There was no usable response to a write, which may have taken effect."""


class DeadlineExceededError(ApiError):
    """The operation met its deadline; a write in progress may have taken effect."""


class UnexpectedResponseError(ApiError):
    """The response does not have the documented form, so nothing is concluded from it."""


class HTTPStatusError(ApiError):
    """The API returned an error; `status` is the HTTP status code."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the message and the HTTP status code."""
        super().__init__(message)
        self.status = status


class AccessDeniedError(HTTPStatusError):
    """The API returned 401 or 403, or 400 to a login."""


class NotFoundError(HTTPStatusError):
    """The API returned 404 with a JSON body; any other 404 is a plain HTTPStatusError."""


class AlreadyExistsError(HTTPStatusError):
    """The API returned 409: the object to create already exists. A create then applies `on_conflict`."""
