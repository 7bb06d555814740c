"""The Conductor API's rules about a user's accounts: replacing, adding, removing; knows no HTTP and no operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.conductor import refuse_foreign, with_accounts, write_user
from pulumi_conduit.sandbox.rules.people import People
from pulumi_conduit.sandbox.rules.refusals import RefusalError
from pulumi_conduit.sandbox.rules.state import serialised

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.records import Identity, User
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["GrantRules"]


class GrantRules:
    """What the API does to a user's accounts for an identity that has logged in."""

    def __init__(self, world: World) -> None:
        """Work on this world."""
        self._world = world
        self._people = People(world)

    @serialised
    def replace(self, me: Identity, email: str, accounts: tuple[int, ...]) -> tuple[int, ...]:
        """Make these the user's accounts; those of others stay, unless the switch says otherwise."""
        user = self._people.managed(me, email)
        if not accounts and not self._world.switches.empty_accounts_accepted:
            raise RefusalError(400, "A user needs one account or more.")
        refuse_foreign(me, accounts)
        kept = () if self._world.switches.replace_drops_foreign else _foreign(me, user)
        return self._set(me, user, (*accounts, *kept))

    @serialised
    def add(self, me: Identity, email: str, accounts: tuple[int, ...]) -> tuple[int, ...]:
        """Add accounts; one that is there has no effect."""
        user = self._people.managed(me, email)
        refuse_foreign(me, accounts)
        return self._set(me, user, (*user.accounts, *accounts))

    @serialised
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
