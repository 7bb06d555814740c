"""Every error a user can meet, drawn once.

Knows nothing of HTTP libraries, settings or resources. It names one class of Pulumi's, because the contract says that a
`ConduitError` raised by a program ends it as a `pulumi.RunError` does: with its message and no traceback.

ConduitError
├── InvalidInputError     the program, the stack or a file says something that cannot be
├── SettingsError          a URL, a credential or a limit is missing, malformed or mixed from two sources
├── RefusedError           possible, but not done: a policy, a limit, the tenant guard, a conflict
└── ApiError               an API, or the way to it
    ├── UnreachableError        no answer, and the request certainly had no effect
    ├── OutcomeUnknownError     no usable answer to a write that may have had its effect
    ├── DeadlineExceededError   the operation ran out of its time
    ├── UnexpectedResponseError          an answer that does not have the documented form
    └── HTTPStatusError        a refusal, with `.status`
        ├── AccessDeniedError   401 or 403, and to a login 400
        ├── NotFoundError       404, said in JSON
        └── AlreadyExistsError  409

Every message is one line: what failed, on what, why, what to do. No message carries a credential.
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
    "shown",
]

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Unicode's Default_Ignorable_Code_Point beyond those categories (fillers, joiners, selectors), and the blank Braille.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)


def is_invisible(character: str) -> bool:
    """Say whether nothing is seen of a character: a control, bidi, zero-width or filler one."""
    return unicodedata.category(character) in _INVISIBLE or _IGNORABLE.match(character) is not None


def escaped(text: str, limit: int = 200) -> str:
    """Return text from outside on one line, cut after `limit`: what cannot be seen or told from a space is escaped."""
    shown = "".join(
        character.encode("unicode_escape").decode("ascii") if _is_misleading(character) else character
        for character in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[:limit] + "…"


def _is_misleading(character: str) -> bool:
    return is_invisible(character) or (character != " " and unicodedata.category(character) == "Zs")


def shown(value: object) -> str:
    """Return a value for a message: text quoted and escaped, true and false as programs of any language write them."""
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else f"'{escaped(str(value), 80)}'"


class ConduitError(RunError):
    """What failed, on what, why, and what to do, in one line."""


class InvalidInputError(ConduitError):
    """The program, the stack or a file declares something that cannot be."""


class SettingsError(ConduitError):
    """A URL, a credential or a limit is missing, malformed or mixed from two sources."""


class RefusedError(ConduitError):
    """The provider could, but must not: a policy, a limit, the tenant guard or a conflict stands against it."""


class ApiError(ConduitError):
    """One of the two APIs, or the way to it, failed."""


class UnreachableError(ApiError):
    """No answer came, and the request certainly had no effect."""


class OutcomeUnknownError(ApiError):
    """No usable answer came to a write that may or may not have had its effect."""


class DeadlineExceededError(ApiError):
    """The operation ran out of its time; a write under way may or may not have had its effect."""


class UnexpectedResponseError(ApiError):
    """The answer does not have the documented form; nothing may be concluded from it."""


class HTTPStatusError(ApiError):
    """The API refused; `status` is the HTTP status code."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the message and the HTTP status code."""
        super().__init__(message)
        self.status = status


class AccessDeniedError(HTTPStatusError):
    """The API answered 401 or 403, or 400 to a login."""


class NotFoundError(HTTPStatusError):
    """The API answered 404 in JSON; a 404 in any other form is a plain HTTPStatusError."""


class AlreadyExistsError(HTTPStatusError):
    """The API answered 409: what was to be created is there already."""
