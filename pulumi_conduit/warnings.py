"""What the provider says of a plan as data: a code, facts, and a text for people. Written and read here, nowhere else.

`CONDUIT-ADOPT[type=STANDARD]: user ada@acme.example exists and is adopted: set its type`: whoever counts reads the
code and what stands in the brackets, and never the text. Knows no resource and no report.
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
    "Fact",
    "gives",
    "ids_of",
    "read_fact",
    "removes",
]

PREFIX = "CONDUIT-"
"""What every code begins with."""
ADOPT = "CONDUIT-ADOPT"
"""A create finds its object there."""
REACTIVATE = "CONDUIT-REACTIVATE"
"""A create or an update brings a person back."""
MOVE = "CONDUIT-MOVE"
"""A delete does nothing, for the roster gives the object to another stack."""
REVOKE = "CONDUIT-REVOKE"
"""Accounts will be removed that no state holds."""
GIVES = "CONDUIT-GIVES"
"""Accounts will be given that the state holds already, for they were taken away outside."""
UNVERIFIED = "CONDUIT-UNVERIFIED"
"""A preview could not look at the live systems."""
CODES = frozenset({ADOPT, REACTIVATE, MOVE, REVOKE, GIVES, UNVERIFIED})

_FORM = re.compile(r"(CONDUIT-[A-Z]+)(?:\[([^\[\]]+)\])?: (.+)", re.DOTALL)
_IDS = re.compile(r"[0-9]+(,[0-9]+)*")
_NEEDS_ACCOUNTS = {REVOKE, GIVES}


@dataclass(frozen=True)
class Fact:
    """One thing that is said of a resource.

    `type` and `status` are what a user will be set to, `left` the status that one is found in and keeps; `url` is the
    base URL of the tenant where a profile other than the default one leads.
    """

    code: str
    text: str
    accounts: frozenset[int] | None = None
    type: str | None = None
    status: str | None = None
    left: str | None = None
    url: str | None = None

    def __str__(self) -> str:
        """Return the warning that says it."""
        facts = {
            "accounts": ",".join(map(str, sorted(self.accounts))) if self.accounts else None,
            "type": self.type,
            "status": self.status,
            "left": self.left,
            "url": self.url and quote(self.url, safe=":/@"),
        }
        said = "; ".join(f"{name}={value}" for name, value in facts.items() if value)
        return f"{self.code}{f'[{said}]' if said else ''}: {self.text}"


def read_fact(message: str) -> Fact | None:
    """Return what a warning says as data; None for one without a code.

    :raises ValueError: for a code, or facts, that this version does not know.
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
    return Fact(code, text, (accounts and frozenset(map(int, accounts.split(",")))) or None, **found)


def removes(accounts: Iterable[int], text: str) -> str:
    """Say which accounts will be removed that no state holds."""
    return str(Fact(REVOKE, text, frozenset(accounts)))


def gives(accounts: Iterable[int], text: str) -> str:
    """Say which accounts will be given that the state holds already."""
    return str(Fact(GIVES, text, frozenset(accounts)))


def ids_of(accounts: Iterable[int]) -> str:
    """Return account ids for people to read."""
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
