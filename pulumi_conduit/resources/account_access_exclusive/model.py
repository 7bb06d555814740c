"""All accounts of one user (Conductor User Management API, "accounts"): what is declared and what is recorded.

Knows no request; `account_access_exclusive_handler` acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.resources.serialization import to_wire

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord

__all__ = ["AccountAccessExclusiveSpec", "AccountAccessExclusiveState"]

_NOT_INPUTS = {"tenant", "initialAccounts", "remoteEmail"}


@dataclass(frozen=True)
class AccountAccessExclusiveSpec:
    """The whole list of a user's accounts as declared."""

    user: str
    account_ids: tuple[int, ...]
    profile: str | None = None
    import_id: str | None = None

    @property
    def what(self) -> str:
        """Name it in messages."""
        return f"account list of user {self.user}"

    @property
    def accounts(self) -> frozenset[int]:
        """Return the list as a set."""
        return frozenset(self.account_ids)


@dataclass(frozen=True)
class AccountAccessExclusiveState(AccountAccessExclusiveSpec):
    """The list as recorded.

    `initial_accounts` is what its user is left with who stays without the list and would have nothing else;
    `remote_email` is the user's address as the API spells it, where it is not canonical.
    """

    tenant: str | None = None
    initial_accounts: tuple[int, ...] = ()
    remote_email: str | None = None

    @property
    def person(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return self.user

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of."""
        return {name: value for name, value in to_wire(self).items() if name not in _NOT_INPUTS}

    def is_shown_by(self, record: UserRecord) -> bool:
        """Say whether a user shows every account that was recorded."""
        return self.accounts <= record.accounts
