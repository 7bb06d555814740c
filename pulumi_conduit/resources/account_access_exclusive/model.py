"""All accounts of one user: what is declared, what is recorded, and which accounts are removed with the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.resources import fields
from pulumi_conduit.resources.fields import Field, stored, to_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.records import UserRecord

__all__ = ["PROPERTIES", "AccountAccessExclusiveSpec", "AccountAccessExclusiveState", "taken_with_list"]

PROPERTIES: Mapping[str, Field] = {
    "user": Field(fields.email, required=True),
    "accountIds": Field(fields.account_ids, required=True),
    "profile": Field(fields.profile),
    "importId": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""


@stored
@dataclass(frozen=True)
class AccountAccessExclusiveSpec:
    """The whole list of a user's accounts as declared."""

    user: str
    account_ids: tuple[int, ...]
    profile: str | None = None
    import_id: str | None = None

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user)

    @property
    def accounts(self) -> frozenset[int]:
        """Return the list as a set."""
        return frozenset(self.account_ids)


@stored
@dataclass(frozen=True)
class AccountAccessExclusiveState:
    """The list as recorded."""

    user: str
    account_ids: tuple[int, ...]
    profile: str | None = None
    tenant: str | None = None
    initial_accounts: tuple[int, ...] = ()
    """What the user is left with that stays without the list and would have nothing else."""
    remote_email: str | None = None
    """The user's address as the API spells it, where it is not canonical."""

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return self.user

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user)

    @property
    def accounts(self) -> frozenset[int]:
        """Return the list as a set."""
        return frozenset(self.account_ids)

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of."""
        return {name: value for name, value in to_properties(self).items() if name in PROPERTIES}

    def is_shown_by(self, record: UserRecord) -> bool:
        """Say whether a user shows every account that was recorded."""
        return self.accounts <= record.accounts


def _what(email: str) -> str:
    return f"account list of user {email}"


_Accounts = frozenset[int]


def taken_with_list(listed: _Accounts, wanted: _Accounts, held: _Accounts, initial: _Accounts) -> _Accounts:
    """Return the accounts that are removed with a list.

    What other resources want stays. A user who would hold nothing that the identity owns keeps its initial accounts of
    the list instead; `held` is everything of that kind that the user holds, what is wanted included.
    """
    removed = listed - wanted
    return removed if held - removed else removed - initial
