"""Warning codes: a code, machine-readable facts in brackets, and a text for people. Formatted and parsed here only.

`CONDUIT-ADOPT[type=STANDARD]: user ada@acme.example exists and is adopted: set its type`. Programs read the code and
the brackets, never the text, which is worded where a resource makes a `CodedWarning` or calls `revoke_warning` or
`give_warning`; one without a code where `warn` or `warn_once` is called. Must not know resources or reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ADOPT",
    "CODES",
    "GIVES",
    "MOVE",
    "PREFIX",
    "REACTIVATE",
    "REVOKE",
    "UNVERIFIED",
    "CodedWarning",
    "give_warning",
    "ids_of",
    "parse_warning",
    "revoke_warning",
]

PREFIX = "CONDUIT-"
"""The prefix of every code."""
ADOPT = "CONDUIT-ADOPT"
"""A create adopts an object that exists."""
REACTIVATE = "CONDUIT-REACTIVATE"
"""A create or an update reactivates an INACTIVE user."""
MOVE = "CONDUIT-MOVE"
"""A delete does nothing, because the roster assigns the object to another stack."""
REVOKE = "CONDUIT-REVOKE"
"""Accounts will be removed that no state records."""
GIVES = "CONDUIT-GIVES"
"""Accounts will be added that the state records, because they were removed outside Pulumi."""
UNVERIFIED = "CONDUIT-UNVERIFIED"
"""A preview could not read the APIs."""
CODES = frozenset({ADOPT, REACTIVATE, MOVE, REVOKE, GIVES, UNVERIFIED})

_FORM = re.compile(r"(CONDUIT-[A-Z]+)(?:\[([^\[\]]+)\])?: (.+)", re.DOTALL)
_IDS = re.compile(r"[0-9]+(,[0-9]+)*")
_NEEDS_ACCOUNTS = {REVOKE, GIVES}


@dataclass(frozen=True)
class CodedWarning:
    """One warning about a resource.

    `type` and `status` are what a user will be set to, `left` the status that a user has and keeps; `url` is the base
    URL of the tenant of a profile other than the default one.
    """

    code: str
    text: str
    accounts: frozenset[int] | None = None
    type: str | None = None
    status: str | None = None
    left: str | None = None
    url: str | None = None

    def __str__(self) -> str:
        """Return the warning as text."""
        facts = {
            "accounts": ",".join(map(str, sorted(self.accounts))) if self.accounts else None,
            "type": self.type,
            "status": self.status,
            "left": self.left,
            "url": self.url and quote(self.url, safe=":/@"),
        }
        text = "; ".join(f"{name}={value}" for name, value in facts.items() if value)
        return f"{self.code}{f'[{text}]' if text else ''}: {self.text}"


def parse_warning(message: str) -> CodedWarning | None:
    """Parse a warning; return None for one without a code.

    :raises ValueError: for a code or facts that this version does not know.
    """
    if not message.startswith(PREFIX):
        return None
    form = _FORM.fullmatch(message)
    if form is None or form.group(1) not in CODES:
        raise ValueError(message)
    code, facts, text = form.groups()
    found = _facts(facts or "", message)
    if code in _NEEDS_ACCOUNTS and "accounts" not in found:
        raise ValueError(message)
    accounts = found.pop("accounts", None)
    return CodedWarning(code, text, (accounts and frozenset(map(int, accounts.split(",")))) or None, **found)


def revoke_warning(accounts: Iterable[int], text: str) -> str:
    """Return the warning about accounts that will be removed and that no state records."""
    return str(CodedWarning(REVOKE, text, frozenset(accounts)))


def give_warning(accounts: Iterable[int], text: str) -> str:
    """Return the warning about accounts that will be added although the state records them."""
    return str(CodedWarning(GIVES, text, frozenset(accounts)))


def ids_of(accounts: Iterable[int]) -> str:
    """Return account ids for a message."""
    return ", ".join(map(str, sorted(accounts)))


def _facts(text: str, message: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split("; ") if text else ():
        name, _, value = part.partition("=")
        if name in found or not value or not _is_known(name, value):
            raise ValueError(message)
        found[name] = unquote(value) if name == "url" else value
    return found


def _is_known(name: str, value: str) -> bool:
    if name == "accounts":
        return _IDS.fullmatch(value) is not None
    if name == "url":
        return True
    known = {"type": {"READ_ONLY", "STANDARD"}, "status": {"ACTIVE", "INACTIVE"}, "left": {"INACTIVE"}}
    return value in known.get(name, ())
