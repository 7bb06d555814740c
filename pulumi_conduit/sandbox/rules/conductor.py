"""The rules of the Conductor User Management API: logins, accounts, users, grants, and visibility."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.rules.state import Identity, Session, locked
from pulumi_conduit.sandbox.rules.words import (
    ADMIN,
    EMAIL,
    MANAGED_TYPES,
    PUBLIC_MAIL,
    STATUSES,
    VIEWS,
    RefusalError,
    kept_name,
)

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.state import Account, State, User

__all__ = ["ConductorRules", "GrantRules", "LoginResponse", "People", "Sessions", "with_accounts"]


@dataclass(frozen=True)
class LoginResponse:
    """Three tokens, of which only the first opens the API, and its lifetime in seconds."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class Sessions:
    """The successful logins."""

    def __init__(self, world: State) -> None:
        """Take the state."""
        self._world = world

    @locked
    def login(self, username: str, password: str) -> LoginResponse:
        """Return tokens for an identity's password; 401 if it is wrong."""
        identity = self._world.identities.get(username)
        if identity is None or not secrets.compare_digest(identity.password.encode(), password.encode()):
            raise RefusalError(401, "The username or the password is wrong.")
        self._drop_voided(username)
        life_s = self._world.switches.token_life_s
        access, identity_token, refresh = (_token(use, username) for use in ("access", "id", "refresh"))
        answer = LoginResponse(access, identity_token, refresh, life_s)
        session = Session(answer.access_token, username, self._world.clock.now() + life_s)
        self._world.sessions.put(answer.access_token, session)
        return answer

    @locked
    def identity(self, access_token: str | None) -> Identity:
        """Return the identity that this token was given to; 401 if there is none, or no longer."""
        session = self._world.sessions.get(access_token or "")
        identity = self._world.identities.get(session.username) if session else None
        if session is None or identity is None or session.expires_at <= self._world.clock.now():
            raise RefusalError(401, "The access token is missing, not valid or expired.")
        return identity

    def _drop_voided(self, username: str) -> None:
        now = self._world.clock.now()
        voids = self._world.switches.new_login_voids_tokens
        for session in self._world.sessions:
            if session.expires_at <= now or (voids and session.username == username):
                self._world.sessions.remove(session.access_token)


def _token(use: str, username: str) -> str:
    # It looks like a JWT, as documented; the signature is not verified.
    parts: list[Any] = [{"alg": "HS256", "typ": "JWT"}, {"sub": username, "use": use, "jti": secrets.token_hex(8)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(32)])


class People:
    """The users in the state, as identities see them."""

    def __init__(self, world: State) -> None:
        """Take the state; the caller holds its lock."""
        self._world = world

    def find(self, email: str) -> User | None:
        """Return the user with this email, of any identity."""
        exact = self._world.users.get(email)
        if exact or not self._world.switches.emails_case_insensitive:
            return exact
        return next((user for user in self._world.users if user.email.lower() == email.lower()), None)

    def listed(self, me: Identity) -> list[User]:
        """Return every user that shares an account with the identity, as readers see them now."""
        late = (self._in_list(user) for user in self._world.users)
        return [self.shown(me, user) for user in late if user and _shares(me, user)]

    def read(self, me: Identity, email: str) -> User:
        """Return one user as readers see it now; 404 if there is none for this identity."""
        current = self.find(email)
        user = self._world.late_users.read(current.email, current) if current else None
        if user is None:
            raise _missing()
        if not _shares(me, user) and self._world.switches.unshared_user != "visible":
            raise self._unshared()
        return self.shown(me, user)

    def managed(self, me: Identity, email: str) -> User:
        """Return one user that the identity may change, as it is; 403 or 404 otherwise."""
        user = self.find(email)
        if user is None:
            raise _missing()
        if not _shares(me, user):
            raise self._unshared()
        if user.type == ADMIN:
            raise RefusalError(403, "ADMIN users cannot be managed with this API.")
        return user

    def shown(self, me: Identity, user: User) -> User:
        """Return the user as this identity sees it in responses."""
        if self._world.switches.inactive_accounts_hidden and user.status == "INACTIVE":
            return replace(user, accounts=())
        if not self._world.switches.hide_foreign_accounts:
            return user
        return replace(user, accounts=tuple(account for account in user.accounts if account in me.accounts))

    def _in_list(self, user: User) -> User | None:
        """Return the user as the list shows it now, which may be later still than other reads."""
        switches, now_s = self._world.switches, self._world.clock.now()
        seen = self._world.late_users.read(user.email, user)
        return self._world.late_lists.listed(user.email, seen, switches.list_lag_writes, now_s - switches.list_lag_s)

    def _unshared(self) -> RefusalError:
        if self._world.switches.unshared_user == "missing":
            return _missing()
        return RefusalError(403, "This user shares no account with you.")


def _shares(me: Identity, user: User) -> bool:
    return not {*user.accounts, *user.former_accounts}.isdisjoint(me.accounts)


def _missing() -> RefusalError:
    return RefusalError(404, "There is no user with this email.")


class ConductorRules:
    """What the API does for an identity that has logged in."""

    def __init__(self, world: State) -> None:
        """Take the state."""
        self._world = world
        self._people = People(world)

    @locked
    def accounts(self, me: Identity) -> list[Account]:
        """Return the accounts that the identity owns, as far as the list reaches."""
        owned = [account for account in self._world.accounts if account.account_id in me.accounts]
        return owned[: self._world.switches.list_limit]

    @locked
    def users(self, me: Identity) -> list[User]:
        """Return the users that share an account with the identity, ADMINs included, as far as the list reaches."""
        return self._people.listed(me)[: self._world.switches.list_limit]

    @locked
    def user(self, me: Identity, email: str) -> User:
        """Return one user."""
        return self._people.read(me, email)

    @locked
    def create(self, me: Identity, user: User) -> User:
        """Create a user; 409 if one with this email exists for any identity."""
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

    @locked
    def set_status(self, me: Identity, email: str, status: str) -> str:
        """Activate or deactivate a user, and return its status."""
        if status not in STATUSES:
            raise RefusalError(400, "The status is ACTIVE or INACTIVE.")
        user = replace(self._people.managed(me, email), status=status)
        if status == "INACTIVE" and user.accounts and not self._world.switches.inactive_keeps_grants:
            user = replace(user, accounts=(), former_accounts=user.accounts)
        return write_user(self._world, user).status

    @locked
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


def write_user(world: State, user: User) -> User:
    """Write a user through the API: readers may be late to see it."""
    before = world.users.get(user.email)
    world.late_users.wrote(user.email, before, world.switches.read_lag)
    world.late_lists.wrote(user.email, before, world.clock.now())
    world.users.put(user.email, user)
    return user


def with_accounts(user: User, accounts: tuple[int, ...]) -> User:
    """Return the user with these accounts, ordered, without duplicates, and without a former owner."""
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


class GrantRules:
    """What the API does to a user's accounts for an identity that has logged in."""

    def __init__(self, world: State) -> None:
        """Take the state."""
        self._world = world
        self._people = People(world)

    @locked
    def replace(self, me: Identity, email: str, accounts: tuple[int, ...]) -> tuple[int, ...]:
        """Make these the user's accounts; those of others stay, unless the switch says otherwise."""
        user = self._people.managed(me, email)
        if not accounts and not self._world.switches.empty_accounts_accepted:
            raise RefusalError(400, "A user needs one account or more.")
        refuse_foreign(me, accounts)
        kept = () if self._world.switches.replace_drops_foreign else _foreign(me, user)
        return self._set(me, user, (*accounts, *kept))

    @locked
    def add(self, me: Identity, email: str, accounts: tuple[int, ...]) -> tuple[int, ...]:
        """Add accounts; one that is there has no effect."""
        user = self._people.managed(me, email)
        refuse_foreign(me, accounts)
        return self._set(me, user, (*user.accounts, *accounts))

    @locked
    def remove(self, me: Identity, email: str, accounts: tuple[int, ...]) -> tuple[int, ...]:
        """Remove accounts; one that is not there is ignored."""
        user = self._people.managed(me, email)
        refuse_foreign(me, tuple(set(accounts).intersection(user.accounts)))
        return self._set(me, user, tuple(set(user.accounts).difference(accounts)))

    def _set(self, me: Identity, user: User, accounts: tuple[int, ...]) -> tuple[int, ...]:
        changed = with_accounts(user, self._allowed(user, accounts))
        if changed != user:
            write_user(self._world, changed)
        return self._people.shown(me, changed).accounts

    def _allowed(self, user: User, accounts: tuple[int, ...]) -> tuple[int, ...]:
        editable = self._world.switches.inactive_grants_editable
        if user.status == "ACTIVE" or editable == "yes":
            return accounts
        if editable == "refused":
            raise RefusalError(403, "The accounts of an INACTIVE user cannot be changed.")
        return (*user.accounts, *accounts)


def _foreign(me: Identity, user: User) -> tuple[int, ...]:
    return tuple(account for account in user.accounts if account not in me.accounts)
