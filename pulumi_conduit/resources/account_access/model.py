"""One account of one user (Conductor User Management API, "accounts"): what is declared and what is recorded.

Knows no request; `handler` acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import Field
from pulumi_conduit.resources.serialization import to_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.resources.tenant import Tenant

__all__ = ["PROPERTIES", "AccountAccessSpec", "AccountAccessState", "grant_key", "parsed_grant_id"]


PROPERTIES: Mapping[str, Field] = {
    "user": Field(fields.email, required=True),
    "accountId": Field(fields.account_id, required=True),
    "profile": Field(fields.profile),
    "importId": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""


@dataclass(frozen=True)
class AccountAccessSpec:
    """A grant as declared."""

    user: str
    account_id: int
    profile: str | None = None
    import_id: str | None = None

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return _id(self.user, self.account_id)

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user, self.account_id)


@dataclass(frozen=True)
class AccountAccessState:
    """A grant as recorded; `remote_email` is the user's address as the API spells it, where it is not canonical."""

    user: str
    account_id: int
    profile: str | None = None
    tenant: str | None = None
    remote_email: str | None = None

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return _id(self.user, self.account_id)

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user, self.account_id)

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of."""
        return {name: value for name, value in to_properties(self).items() if name in PROPERTIES}


def _id(email: str, account_id: int) -> str:
    return f"{email}:{account_id}"


def _what(email: str, account_id: int) -> str:
    return f"access of user {email} to account {account_id}"


def grant_key(tenant: Tenant, email: str, account_id: int) -> Key:
    """Return the key of one account of one user."""
    return Key(tenant, Kind.GRANT, _id(email, account_id))


def parsed_grant_id(resource_id: str) -> tuple[str, int]:
    """Return the email and the account that a grant's id is made of; ValueError where it is not."""
    email, _, account = resource_id.rpartition(":")
    if not (account.isascii() and account.isdecimal() and len(account) <= len(str(fields.MAX_ACCOUNT_ID))):
        raise ValueError("must be an email address, a colon and an account id")
    return fields.email(email), fields.account_id(int(account))
