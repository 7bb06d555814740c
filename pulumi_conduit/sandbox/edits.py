"""Direct edits of the sandbox's state: accounts, identities, users, Link APPs and companies, each validated."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_conduit.sandbox.rules.conductor import People, with_accounts
from pulumi_conduit.sandbox.rules.link import company_key, new_company
from pulumi_conduit.sandbox.rules.state import (
    DEFAULT_APP,
    DEFAULT_IDENTITY,
    Account,
    Company,
    Identity,
    LinkApp,
    User,
    locked,
)
from pulumi_conduit.sandbox.rules.words import COMPANY_ID, EMAIL, MAX_LENGTH, STATUSES, TYPES, VIEWS, MistakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pulumi_conduit.sandbox.rules.link import CompanyTokens
    from pulumi_conduit.sandbox.rules.state import State

__all__ = ["ConductorEdits", "LinkEdits"]

Thing = TypeVar("Thing")


def present(thing: Thing | None, what: str, name: object) -> Thing:
    """Return the object, or raise MistakeError if there is none of that name."""
    if thing is None:
        raise MistakeError(f"the sandbox has no {what} {name!r}")
    return thing


def without_unset(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given; at least one must be."""
    given = {name: value for name, value in fields.items() if value is not None}
    if not given:
        raise MistakeError(f"nothing to edit: give one of {', '.join(fields)}")
    return given


def known_accounts(world: State, accounts: Iterable[int]) -> tuple[int, ...]:
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


class ConductorEdits:
    """Direct edits of Conductor's state."""

    def __init__(self, world: State) -> None:
        """Take the state."""
        self._world = world
        self._people = People(world)

    @locked
    def add_account(self, account_id: int, name: str) -> None:
        """Add an account without an owner."""
        if account_id < 0 or str(account_id) in self._world.accounts:
            raise MistakeError(f"account {account_id} is negative or exists already")
        self._world.accounts.put(str(account_id), Account(account_id, name, self._world.clock.stamp()))

    @locked
    def accounts(self) -> dict[int, str]:
        """Return every account's name by its id."""
        return {account.account_id: account.name for account in self._world.accounts}

    @locked
    def add_identity(self, username: str, password: str, accounts: Iterable[int]) -> None:
        """Add an identity that owns these accounts."""
        if username in self._world.identities:
            raise MistakeError(f"the sandbox has an identity {username!r} already")
        self._world.identities.put(username, Identity(username, password, known_accounts(self._world, accounts)))

    @locked
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

    @locked
    def identities(self) -> dict[str, list[int]]:
        """Return the accounts that each identity owns by its username."""
        return {identity.username: list(identity.accounts) for identity in self._world.identities}

    @locked
    def password(self, username: str = DEFAULT_IDENTITY) -> str:
        """Return an identity's password."""
        return self._identity(username).password

    @locked
    def void_tokens(self) -> None:
        """Void every access token, as if all had expired."""
        self._world.sessions.clear()

    @locked
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
        """Write a user, and replace an existing one."""
        held = known_accounts(self._world, accounts)
        user = User(email, first_name, last_name, type, view, sso_access, status, held)
        check_user(user)
        existing = self._people.find(email)
        if existing and existing.email != email:
            self.remove_user(existing.email)
        return self._put(user)

    @locked
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

    @locked
    def add_grant(self, email: str, account_id: int) -> dict[str, Any]:
        """Add one account to a user, atomically."""
        user, (account,) = self._user(email), known_accounts(self._world, (account_id,))
        if account in user.accounts:
            raise MistakeError(f"user {email!r} holds account {account} already")
        return self._put(with_accounts(user, (*user.accounts, account)))

    @locked
    def remove_grant(self, email: str, account_id: int) -> dict[str, Any]:
        """Take one account from a user."""
        user = self._user(email)
        if account_id not in user.accounts:
            raise MistakeError(f"user {email!r} does not hold account {account_id}")
        return self._put(with_accounts(user, tuple({*user.accounts} - {account_id})))

    @locked
    def remove_user(self, email: str) -> None:
        """Remove a user altogether, as no API call can."""
        user = self._user(email)
        self._world.late_users.forget(user.email)
        self._world.late_lists.forget(user.email)
        self._world.users.remove(user.email)

    @locked
    def user(self, email: str) -> dict[str, Any]:
        """Return one user; its keys are the arguments of `put_user`."""
        return _user_json(self._user(email))

    @locked
    def users(self) -> dict[str, dict[str, Any]]:
        """Return every user by email, ADMINs and those of other identities included."""
        return {user.email: _user_json(user) for user in self._world.users}

    def _identity(self, username: str) -> Identity:
        return present(self._world.identities.get(username), "identity", username)

    def _user(self, email: str) -> User:
        return present(self._people.find(email), "user", email)

    def _put(self, user: User) -> dict[str, Any]:
        check_user(user)
        self._world.late_users.forget(user.email)
        self._world.late_lists.forget(user.email)
        self._world.users.put(user.email, user)
        return _user_json(user)


def _user_json(user: User) -> dict[str, Any]:
    fields = asdict(user)
    del fields["former_accounts"]
    return {**fields, "accounts": list(user.accounts)}


_APP_NAME = re.compile(r"[A-Za-z0-9_-]+")


class LinkEdits:
    """Direct edits of the Link API's state."""

    def __init__(self, world: State, tokens: CompanyTokens) -> None:
        """Take the state."""
        self._world = world
        self._tokens = tokens

    @locked
    def add_app(self, name: str, token: str | None = None) -> str:
        """Add a Link APP, with this token or a new one, and return the token."""
        if not _APP_NAME.fullmatch(name):
            raise MistakeError(f"{name!r} is not a name for a Link APP: letters, digits, '-' and '_'")
        if name in self._world.apps:
            raise MistakeError(f"the sandbox has a Link APP {name!r} already")
        return self._put_app(name, token or secrets.token_urlsafe(24))

    @locked
    def rotate_token(self, app: str = DEFAULT_APP) -> str:
        """Give a Link APP a new token, and return it; the old one is void, the companies stay."""
        return self._put_app(self._app(app).name, secrets.token_urlsafe(24))

    @locked
    def app_token(self, app: str = DEFAULT_APP) -> str:
        """Return a Link APP's token."""
        return self._app(app).token

    @locked
    def app_names(self) -> list[str]:
        """Return the names of all Link APPs."""
        return [app.name for app in self._world.apps]

    @locked
    def companies(self, app: str = DEFAULT_APP) -> dict[str, dict[str, Any]]:
        """Return a Link APP's companies by their id in lower case."""
        self._app(app)
        return {row.company_id.lower(): _company_json(row) for row in self._world.companies if row.app == app}

    @locked
    def company(self, company_id: str, *, app: str = DEFAULT_APP) -> dict[str, Any]:
        """Return one company, its id in any case."""
        return _company_json(self._company(company_id, app))

    @locked
    def put_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        page_enabled: bool = True,
        app: str = DEFAULT_APP,
    ) -> dict[str, Any]:
        """Create a company, and replace an existing one."""
        born = new_company(self._world, self._app(app).name, company_id)
        return self._put(replace(born, name=name, page_enabled=page_enabled))

    @locked
    def edit_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        page_enabled: bool | None = None,
        app: str = DEFAULT_APP,
    ) -> dict[str, Any]:
        """Change what is given of a company that exists."""
        company = self._company(company_id, app)
        return self._put(replace(company, **without_unset({"name": name, "page_enabled": page_enabled})))

    @locked
    def remove_company(self, company_id: str, *, app: str = DEFAULT_APP) -> None:
        """Remove a company altogether, as no API call can."""
        self._company(company_id, app)
        self._world.late_companies.forget(company_key(app, company_id))
        self._world.companies.remove(company_key(app, company_id))

    @locked
    def token_opens(self, token: str) -> str | None:
        """Return `<Link APP>/<company id>` of the company that this token opens, or None if it is void or expired."""
        return self._tokens.opens(token)

    def _app(self, name: str) -> LinkApp:
        return present(self._world.apps.get(name), "Link APP", name)

    def _company(self, company_id: str, app: str) -> Company:
        self._app(app)
        return present(self._world.companies.get(company_key(app, company_id)), "company", company_id)

    def _put_app(self, name: str, token: str) -> str:
        if any(app.token == token for app in self._world.apps):
            raise MistakeError("another Link APP has this token already")
        self._world.apps.put(name, LinkApp(name, token))
        return token

    def _put(self, company: Company) -> dict[str, Any]:
        check_company(company)
        key = company_key(company.app, company.company_id)
        self._world.late_companies.forget(key)
        self._world.companies.put(key, company)
        return _company_json(company)


def _company_json(company: Company) -> dict[str, Any]:
    return {
        "id": company.company_id,
        "name": company.name,
        "page_enabled": company.page_enabled,
        "created_at": company.created_at,
        "page_url": company.page_url if company.page_enabled else None,
    }
