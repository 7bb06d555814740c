"""Edits of accounts, identities and users that no API call made; reads here are never late."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.edits.checks import check_user, known_accounts, present, without_unset
from pulumi_conduit.sandbox.edits.seed import DEFAULT_IDENTITY
from pulumi_conduit.sandbox.rules.conductor import with_accounts
from pulumi_conduit.sandbox.rules.people import People
from pulumi_conduit.sandbox.rules.records import Account, Identity, User
from pulumi_conduit.sandbox.rules.refusals import MistakeError
from pulumi_conduit.sandbox.rules.state import serialised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["ConductorEdits"]


class ConductorEdits:
    """The operator's hand in Conductor."""

    def __init__(self, world: World) -> None:
        """Work on this world."""
        self._world = world
        self._people = People(world)

    @serialised
    def add_account(self, account_id: int, name: str) -> None:
        """Add an account that nobody owns yet."""
        if account_id < 0 or str(account_id) in self._world.accounts:
            raise MistakeError(f"account {account_id} is negative or exists already")
        self._world.accounts.put(str(account_id), Account(account_id, name, self._world.clock.stamp()))

    @serialised
    def accounts(self) -> dict[int, str]:
        """Return every account's name by its id."""
        return {account.account_id: account.name for account in self._world.accounts}

    @serialised
    def add_identity(self, username: str, password: str, accounts: Iterable[int]) -> None:
        """Add an identity that owns these accounts."""
        if username in self._world.identities:
            raise MistakeError(f"the sandbox has an identity {username!r} already")
        self._world.identities.put(username, Identity(username, password, known_accounts(self._world, accounts)))

    @serialised
    def edit_identity(
        self,
        username: str,
        *,
        password: str | None = None,
        accounts: Iterable[int] | None = None,
    ) -> None:
        """Change what is given of an identity: its password, or the accounts that it owns."""
        given = without_unset({"password": password, "accounts": accounts})
        if "accounts" in given:
            given["accounts"] = known_accounts(self._world, given["accounts"])
        self._world.identities.put(username, replace(self._identity(username), **given))

    @serialised
    def identities(self) -> dict[str, list[int]]:
        """Return the accounts that each identity owns by its username."""
        return {identity.username: list(identity.accounts) for identity in self._world.identities}

    @serialised
    def password(self, username: str = DEFAULT_IDENTITY) -> str:
        """Return an identity's password."""
        return self._identity(username).password

    @serialised
    def void_tokens(self) -> None:
        """Void every access token, as if all had expired."""
        self._world.sessions.clear()

    @serialised
    def put_user(  # noqa: PLR0913 - the fields of a user
        self,
        email: str,
        *,
        first_name: str = "First",
        last_name: str = "Last",
        type: str = "READ_ONLY",  # noqa: A002 - the API's own word
        view: str = "COMPLETE",
        sso_access: bool = False,
        status: str = "ACTIVE",
        accounts: Iterable[int] = (1,),
    ) -> dict[str, Any]:
        """Write a user whole, in place of one that is there."""
        held = known_accounts(self._world, accounts)
        user = User(email, first_name, last_name, type, view, sso_access, status, held)
        check_user(user)
        existing = self._people.find(email)
        if existing and existing.email != email:
            self.remove_user(existing.email)
        return self._put(user)

    @serialised
    def edit_user(  # noqa: PLR0913 - the fields of a user
        self,
        email: str,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's own word
        view: str | None = None,
        sso_access: bool | None = None,
        status: str | None = None,
        accounts: Iterable[int] | None = None,
    ) -> dict[str, Any]:
        """Change what is given of a user that exists."""
        held = None if accounts is None else known_accounts(self._world, accounts)
        fields = {"first_name": first_name, "last_name": last_name, "type": type, "view": view}
        fields |= {"status": status}
        given = without_unset({**fields, "sso_access": sso_access, "accounts": held})
        return self._put(replace(self._user(email), **given))

    @serialised
    def add_grant(self, email: str, account_id: int) -> dict[str, Any]:
        """Give a user one account more, whatever else is changed meanwhile."""
        user, (account,) = self._user(email), known_accounts(self._world, (account_id,))
        if account in user.accounts:
            raise MistakeError(f"user {email!r} holds account {account} already")
        return self._put(with_accounts(user, (*user.accounts, account)))

    @serialised
    def remove_grant(self, email: str, account_id: int) -> dict[str, Any]:
        """Take one account from a user."""
        user = self._user(email)
        if account_id not in user.accounts:
            raise MistakeError(f"user {email!r} does not hold account {account_id}")
        return self._put(with_accounts(user, tuple({*user.accounts} - {account_id})))

    @serialised
    def remove_user(self, email: str) -> None:
        """Remove a user altogether, as no API call can."""
        user = self._user(email)
        self._world.late_users.forget(user.email)
        self._world.late_lists.forget(user.email)
        self._world.users.remove(user.email)

    @serialised
    def user(self, email: str) -> dict[str, Any]:
        """Return one user; its keys are the arguments of `put_user`."""
        return _as_json(self._user(email))

    @serialised
    def users(self) -> dict[str, dict[str, Any]]:
        """Return every user by email, ADMINs and those of other identities included."""
        return {user.email: _as_json(user) for user in self._world.users}

    def _identity(self, username: str) -> Identity:
        return present(self._world.identities.get(username), "identity", username)

    def _user(self, email: str) -> User:
        return present(self._people.find(email), "user", email)

    def _put(self, user: User) -> dict[str, Any]:
        check_user(user)
        self._world.late_users.forget(user.email)
        self._world.late_lists.forget(user.email)
        self._world.users.put(user.email, user)
        return _as_json(user)


def _as_json(user: User) -> dict[str, Any]:
    fields = asdict(user)
    del fields["former_accounts"]
    return {**fields, "accounts": list(user.accounts)}
