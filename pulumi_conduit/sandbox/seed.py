"""What a new sandbox holds, so that the provider can be tried at once: two Link APPs and two identities."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.state import Account, Identity, LinkApp, User
from pulumi_conduit.sandbox.rules.words import ADMIN

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.state import State

__all__ = ["DEFAULT_APP", "DEFAULT_IDENTITY", "seed"]

DEFAULT_APP = "default"
DEFAULT_IDENTITY = "admin@sandbox.example"

_ACCOUNTS = {
    1: "Retail",
    2: "Travel",
    3: "Finance",
    4: "Health",
    5: "Media",
    6: "Energy",
    7: "Food",
    8: "Sports",
    9: "Education",
    10: "Insurance",
    99: "Somebody else's",
}
_IDENTITIES = {DEFAULT_IDENTITY: tuple(range(1, 11)), "other@sandbox.example": (99,)}
_APPS = (DEFAULT_APP, "b")


def seed(world: State) -> None:
    """Replace everything by the seed; credentials stay, because they may have been exported."""
    with world.lock:
        passwords = {identity.username: identity.password for identity in world.identities}
        tokens = {app.name: app.token for app in world.apps}
        world.clear()
        for account_id, name in _ACCOUNTS.items():
            world.accounts.put(str(account_id), Account(account_id, name, world.clock.stamp()))
        for username, accounts in _IDENTITIES.items():
            _put_identity(world, Identity(username, passwords.get(username) or secrets.token_urlsafe(18), accounts))
        for name in _APPS:
            world.apps.put(name, LinkApp(name, tokens.get(name) or secrets.token_urlsafe(24)))


def _put_identity(world: State, identity: Identity) -> None:
    # An identity belongs to an ADMIN user, and the list of users includes it.
    world.identities.put(identity.username, identity)
    admin = User(identity.username, "Ada", "Admin", ADMIN, "COMPLETE", False, "ACTIVE", identity.accounts)  # noqa: FBT003 - the record's order
    world.users.put(admin.email, admin)
