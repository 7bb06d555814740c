"""The checks on edits from outside: what an API would never answer must not get in by a typo either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_conduit.sandbox.rules.refusals import MistakeError
from pulumi_conduit.sandbox.rules.words import COMPANY_ID, EMAIL, MAX_LENGTH, STATUSES, TYPES, VIEWS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pulumi_conduit.sandbox.rules.records import Company, User
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["check_company", "check_user", "known_accounts", "present", "without_unset"]

Thing = TypeVar("Thing")


def present(thing: Thing | None, what: str, name: object) -> Thing:
    """Return the thing, or say that there is none of that name."""
    if thing is None:
        raise MistakeError(f"the sandbox has no {what} {name!r}")
    return thing


def without_unset(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given; at least one must be."""
    given = {name: value for name, value in fields.items() if value is not None}
    if not given:
        raise MistakeError(f"nothing to edit: give one of {', '.join(fields)}")
    return given


def known_accounts(world: World, accounts: Iterable[int]) -> tuple[int, ...]:
    """Return the accounts in order, each once; all must exist."""
    wanted = tuple(sorted(set(accounts)))
    for account in wanted:
        present(world.accounts.get(str(account)), "account", account)
    return wanted


def check_user(user: User) -> None:
    """Refuse a user that the API could not show."""
    if not EMAIL.fullmatch(user.email):
        raise MistakeError(f"{user.email!r} is not an email address")
    _check_word("type", user.type, TYPES)
    _check_word("view", user.view, VIEWS)
    _check_word("status", user.status, STATUSES)


def check_company(company: Company) -> None:
    """Refuse a company that the API could not show."""
    if not COMPANY_ID.fullmatch(company.company_id):
        raise MistakeError(f"{company.company_id!r} is not a company id: 1 to {MAX_LENGTH} of A-Z and 0-9")
    if company.name is not None and len(company.name) > MAX_LENGTH:
        raise MistakeError(f"a company name has at most {MAX_LENGTH} characters")


def _check_word(field: str, word: str, words: Collection[str]) -> None:
    if word not in words:
        raise MistakeError(f"{field} {word!r} is not one of {', '.join(sorted(words))}")
