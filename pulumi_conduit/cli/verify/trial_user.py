"""Who the test user is: its address, name, type and accounts, to which every response about a user is held.

A response may be of another form than the documented one, and still say that it is about somebody else.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.verify.results import ForeignError
from pulumi_conduit.enums import UserType
from pulumi_conduit.resources.fields import canonical_email

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord

__all__ = ["FIRST_NAME", "LAST_NAME", "TrialUser"]

FIRST_NAME, LAST_NAME = "Conduit", "Verify"
_WRAPPERS = ("user", "data", "result")
_TYPES = (UserType.READ_ONLY.value, UserType.STANDARD.value)


@dataclass
class TrialUser:
    """The address, and the accounts that the user may hold; none are known before they are chosen."""

    email: str
    accounts: tuple[int, ...] = ()

    def is_named_by(self, email: Any) -> bool:
        """Return whether an address is the test user's, in any case."""
        return isinstance(email, str) and canonical_email(email) == canonical_email(self.email)

    def is_like(self, email: Any) -> bool:
        """Return whether a server may take an address for the test user's: it may ignore case, accents, width."""
        return isinstance(email, str) and _folded(email) == _folded(self.email)

    def find_item(self, items: list[Any]) -> dict[str, Any] | None:
        """Return the test user's item of a list of users.

        :raises ForeignError: where it is there twice, or another address could be taken for it.
        """
        alike = [item for item in items if isinstance(item, dict) and self.is_like(item.get("email"))]
        if not alike:
            return None
        addresses = {item["email"] for item in alike}
        if not all(map(self.is_named_by, addresses)):
            raise ForeignError("the list has a user whose address could be taken for the test user's")
        if len(alike) > 1:
            differ = "two users whose addresses differ in case only" if len(addresses) > 1 else "the test user twice"
            raise ForeignError(f"the list has {differ}")
        return alike[0]

    def refuse_other(self, content: Any) -> None:
        """Refuse a response about a user, of whatever form, that says it is about another one.

        :raises ForeignError: where it does.
        """
        user = _unwrapped(content)
        names = (user.get("firstname", FIRST_NAME), user.get("lastname", LAST_NAME))
        self._require(user.get("email", self.email), names, user.get("type", _TYPES[0]))
        accounts = user.get("accounts")
        if isinstance(accounts, list) and all(isinstance(one, int) for one in accounts):
            self.require_accounts(frozenset(accounts))

    def require_same(self, record: UserRecord) -> UserRecord:
        """Return a record that is about the test user.

        :raises ForeignError: for any other.
        """
        self._require(record.email, (record.first_name, record.last_name), record.type)
        self.require_accounts(record.accounts)
        return record

    def _require(self, email: Any, names: tuple[Any, Any], user_type: Any) -> None:
        if not self.is_named_by(email):
            raise ForeignError("a response about the test user has another address")
        if names != (FIRST_NAME, LAST_NAME):
            raise ForeignError(f"the user is not named {FIRST_NAME} {LAST_NAME}, so it is not the test's")
        if user_type not in _TYPES:
            raise ForeignError("the user is neither READ_ONLY nor STANDARD, so it is not the test's")

    def require_accounts(self, accounts: frozenset[int]) -> None:
        """Refuse accounts that the test has not granted.

        :raises ForeignError: where there is one.
        """
        if self.accounts and not accounts <= set(self.accounts):
            raise ForeignError(
                "the user holds an account that the test has not granted; if it has, name it by --account"
            )


def _unwrapped(content: Any) -> dict[str, Any]:
    """Return the user in a response, which may be the value of one key."""
    if not isinstance(content, dict):
        return {}
    inner = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), dict)), None)
    return inner if "email" not in content and inner is not None else content


def _folded(email: str) -> str:
    """Return an address as the most tolerant of databases would compare it."""
    plain = unicodedata.normalize("NFKD", email.upper())
    kept = (sign for sign in plain if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return "".join(kept).casefold().strip()
