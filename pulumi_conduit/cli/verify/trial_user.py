"""Who the test user is: its address, name, type and accounts, to which every response about a user is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.verify.results import ForeignError
from pulumi_conduit.enums import UserType
from pulumi_conduit.resources.fields import canonical_email

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord

__all__ = ["FIRST_NAME", "LAST_NAME", "TrialUser"]

FIRST_NAME, LAST_NAME = "Conduit", "Verify"


@dataclass
class TrialUser:
    """The address, and the accounts that the user may hold; none are known before they are chosen."""

    email: str
    accounts: tuple[int, ...] = ()

    def is_named_by(self, email: Any) -> bool:
        """Return whether an address is the test user's, in any case."""
        return isinstance(email, str) and canonical_email(email) == canonical_email(self.email)

    def require_same(self, record: UserRecord) -> UserRecord:
        """Return a record that is about the test user.

        :raises ForeignError: for any other.
        """
        if not self.is_named_by(record.email):
            raise ForeignError("a response about the test user has another address")
        if (record.first_name, record.last_name) != (FIRST_NAME, LAST_NAME):
            raise ForeignError(f"the user is not named {FIRST_NAME} {LAST_NAME}, so it is not the test's")
        if record.type not in (UserType.READ_ONLY.value, UserType.STANDARD.value):
            raise ForeignError("the user is neither READ_ONLY nor STANDARD, so it is not the test's")
        self.require_accounts(record.accounts)
        return record

    def require_accounts(self, accounts: frozenset[int]) -> None:
        """Refuse accounts that the test has not granted.

        :raises ForeignError: where there is one.
        """
        if self.accounts and not accounts <= set(self.accounts):
            raise ForeignError(
                "the user holds an account that the test has not granted; if it has, name it by --account"
            )
