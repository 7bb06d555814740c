"""Which of the people that an identity sees are to be taken: by address, account, type and status.

A choice is about whole people: whoever is taken comes with every account that the identity owns, for a person who is
declared with half of the access would look as if the other half did not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.resources.fields import canonical_email

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.records import AccountRecord, UserRecord

__all__ = ["Choice", "accounts_named"]


@dataclass(frozen=True)
class Choice:
    """What must be true of a person; what is empty asks for nothing."""

    emails: tuple[str, ...] = ()
    """Patterns as shells have them, one of which the address must match, without regard to case."""
    not_emails: tuple[str, ...] = ()
    """Patterns none of which it may match."""
    accounts: frozenset[int] = frozenset()
    """Accounts one of which the person must hold."""
    types: frozenset[str] = frozenset()
    only_active: bool = False

    def fits(self, record: UserRecord) -> bool:
        """Say whether a person is wanted."""
        return (
            self.fits_email(record.email)
            and (not self.accounts or bool(self.accounts & record.accounts))
            and (not self.types or record.type in self.types)
            and not (self.only_active and record.status is UserStatus.INACTIVE)
        )

    def fits_email(self, email: str) -> bool:
        """Say whether somebody of whom only the address can be read may be wanted."""
        is_named = not self.emails or _matches_any(email, self.emails)
        return is_named and not _matches_any(email, self.not_emails)


def accounts_named(given: Iterable[str], owned: Mapping[int, AccountRecord]) -> frozenset[int]:
    """Return the ids of accounts that were given by id or by exact name; InvalidInputError lists all that are none."""
    found = {text: _ids(text, owned) for text in given}
    wrong = [text for text, ids in found.items() if len(ids) != 1]
    if wrong:
        lines = (f"account '{escaped(text, 80)}': {_miss(found[text])}" for text in wrong)
        raise InvalidInputError("\n".join(lines))
    return frozenset(one for ids in found.values() for one in ids)


def _ids(text: str, owned: Mapping[int, AccountRecord]) -> list[int]:
    is_id = text.isascii() and text.isdecimal()
    return [one for one, account in owned.items() if (str(one) if is_id else account.name) == text]


def _miss(ids: list[int]) -> str:
    if not ids:
        return "is neither the id nor the name of an account that this identity owns"
    return f"is the name of {len(ids)} accounts, {', '.join(map(str, sorted(ids)))}; give the id of one"


def _matches_any(email: str, patterns: Iterable[str]) -> bool:
    canonical = canonical_email(email)
    return any(fnmatchcase(canonical, canonical_email(pattern)) for pattern in patterns)
