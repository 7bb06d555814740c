"""The Conductor User Management API's rules: accounts, users, their type and status; grants are next door.

Knows no HTTP and no operator: every call names the identity that makes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.people import People
from pulumi_conduit.sandbox.rules.refusals import RefusalError
from pulumi_conduit.sandbox.rules.state import serialised
from pulumi_conduit.sandbox.rules.words import ADMIN, EMAIL, MANAGED_TYPES, PUBLIC_MAIL, STATUSES, VIEWS, kept_name

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.records import Account, Identity, User
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["ConductorRules", "refuse_foreign", "with_accounts", "write_user"]


class ConductorRules:
    """What the API does for an identity that has logged in."""

    def __init__(self, world: World) -> None:
        """Work on this world."""
        self._world = world
        self._people = People(world)

    @serialised
    def accounts(self, me: Identity) -> list[Account]:
        """Return the accounts that the identity owns, as far as the list reaches."""
        owned = [account for account in self._world.accounts if account.account_id in me.accounts]
        return owned[: self._world.switches.list_limit]

    @serialised
    def users(self, me: Identity) -> list[User]:
        """Return the users that share an account with the identity, ADMINs included, as far as the list reaches."""
        return self._people.listed(me)[: self._world.switches.list_limit]

    @serialised
    def user(self, me: Identity, email: str) -> User:
        """Return one user."""
        return self._people.read(me, email)

    @serialised
    def create(self, me: Identity, user: User) -> User:
        """Create a user; 409 if there is one with this email, whoever may see it."""
        _check_new(user)
        if not user.accounts and not self._world.switches.empty_accounts_accepted:
            raise RefusalError(400, "A user needs one account or more.")
        refuse_foreign(me, user.accounts)
        if self._people.find(user.email):
            raise RefusalError(409, "A user with this email exists already.")
        born = write_user(
            self._world, replace(self._named(with_accounts(user, user.accounts)), status=self._born(user))
        )
        return self._people.shown(me, born)

    @serialised
    def set_status(self, me: Identity, email: str, status: str) -> str:
        """Activate or deactivate a user, and return its status."""
        if status not in STATUSES:
            raise RefusalError(400, "The status is ACTIVE or INACTIVE.")
        user = replace(self._people.managed(me, email), status=status)
        if status == "INACTIVE" and user.accounts and not self._world.switches.inactive_keeps_grants:
            user = replace(user, accounts=(), former_accounts=user.accounts)
        return write_user(self._world, user).status

    @serialised
    def set_type(self, me: Identity, email: str, user_type: str) -> str:
        """Make a user STANDARD or READ_ONLY, and return its type."""
        if user_type not in MANAGED_TYPES:
            raise RefusalError(400, "The type can be set to STANDARD or READ_ONLY.")
        return write_user(self._world, replace(self._people.managed(me, email), type=user_type)).type

    def _born(self, user: User) -> str:
        """Return the status that a new user gets."""
        if self._world.switches.post_leaves_inactive:
            return "INACTIVE"
        return user.status if self._world.switches.post_honours_status else "ACTIVE"

    def _named(self, user: User) -> User:
        """Return a new user with its names as they are kept."""
        form = self._world.switches.names
        return replace(user, first_name=kept_name(user.first_name, form), last_name=kept_name(user.last_name, form))


def write_user(world: World, user: User) -> User:
    """Write a user through the API: readers may be late to see it."""
    before = world.users.get(user.email)
    world.late_users.wrote(user.email, before, world.switches.read_lag)
    world.late_lists.wrote(user.email, before, world.clock.now())
    world.users.put(user.email, user)
    return user


def with_accounts(user: User, accounts: tuple[int, ...]) -> User:
    """Return the user with these accounts, ordered, each once; whom it belonged to before stops counting then."""
    return replace(
        user,
        accounts=tuple(sorted(set(accounts))),
        former_accounts=() if accounts else user.former_accounts,
    )


def refuse_foreign(me: Identity, accounts: tuple[int, ...]) -> None:
    """Refuse with 403 if the identity does not own every one of these accounts."""
    foreign = sorted(set(accounts) - set(me.accounts))
    if foreign:
        raise RefusalError(403, f"You do not own these accounts: {', '.join(map(str, foreign))}.")


def _check_new(user: User) -> None:
    if not EMAIL.fullmatch(user.email):
        raise RefusalError(400, "This is not an email address.")
    if user.email.rpartition("@")[2].lower() in PUBLIC_MAIL:
        raise RefusalError(400, "Emails of public providers are not allowed.")
    if user.type == ADMIN:
        raise RefusalError(400, "ADMIN users cannot be created with this API.")
    if user.type not in MANAGED_TYPES or user.view not in VIEWS or user.status not in STATUSES:
        raise RefusalError(400, "The type, the view or the status is not one of those known.")
