"""Who sees whom in Conductor: finding users, and how far an identity's sight and reach go.

Changes nothing; what may be changed, and how, is in `conductor` and `grants`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.refusals import RefusalError
from pulumi_conduit.sandbox.rules.words import ADMIN

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.records import Identity, User
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["People"]


class People:
    """The users of a world, as identities meet them."""

    def __init__(self, world: World) -> None:
        """Look at this world; the caller holds its lock."""
        self._world = world

    def find(self, email: str) -> User | None:
        """Return the user with this email, whoever may see it."""
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
        """Return the user as answers to this identity show it."""
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
