"""What the sandbox remembers, as frozen records that go to JSON and back; knows no rule and no wire format."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

__all__ = ["Account", "Company", "Identity", "LinkApp", "Session", "User", "decode", "encode"]

Record = TypeVar("Record")


@dataclass(frozen=True)
class Account:
    """A set of data in Conductor that users can be granted."""

    account_id: int
    name: str
    creation_date: str


@dataclass(frozen=True)
class Identity:
    """An application identity: who may log in, and which accounts it owns."""

    username: str
    password: str
    accounts: tuple[int, ...]


@dataclass(frozen=True)
class User:
    """A person in Conductor with the accounts granted to it, in ascending order."""

    email: str
    first_name: str
    last_name: str
    type: str
    view: str
    sso_access: bool
    status: str
    accounts: tuple[int, ...]
    former_accounts: tuple[int, ...] = ()
    """Held before a deactivation that took the grants: the list still returns such a user, and so must know whose."""


@dataclass(frozen=True)
class LinkApp:
    """A Link APP: a token and, by its name, a namespace of companies."""

    name: str
    token: str


@dataclass(frozen=True)
class Company:
    """A sub-client of one Link APP; `company_id` is spelled as it was created."""

    app: str
    company_id: str
    name: str | None
    page_enabled: bool
    created_at: str
    page_url: str


@dataclass(frozen=True)
class Session:
    """A login that was answered; `expires_at` is in seconds since the epoch."""

    access_token: str
    username: str
    expires_at: float


def encode(record: Any) -> str:
    """Return a record as JSON text."""
    return json.dumps(asdict(record))


def decode(kind: type[Record], text: str) -> Record:
    """Return the record that `encode` made into this text."""
    return kind(**{name: _as_stored(value) for name, value in json.loads(text).items()})


def _as_stored(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
