"""`UserAccountAccess` and `UserAccountAccessExclusive` as a program declares them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.program.conductor_user import ConductorUser
from pulumi_conduit.program.dynamic_resource import ConduitResource
from pulumi_conduit.program.grant_owner import GrantOwner, find_user, link_options, user_email

__all__ = ["UserAccountAccess", "UserAccountAccessExclusive"]

_OUTPUTS = ("tenant",)


class UserAccountAccess(ConduitResource, module="conduit", name="UserAccountAccess"):
    """One account for one user, additively. Any change replaces. Source: Conductor User Management API 1.0.1."""

    user: pulumi.Output[str]
    """The user's address in lower case."""
    account_id: pulumi.Output[int] = pulumi.property("accountId")
    """The account."""
    profile: pulumi.Output[str | None]
    """The profile whose settings are used."""
    tenant: pulumi.Output[str]
    """The tenant: base URL and identity."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        user: ConductorUser | pulumi.Input[str],
        account_id: pulumi.Input[int],
        profile: pulumi.Input[str] | None = None,
    ) -> None:
        """Declare that a user may reach an account.

        :param resource_name: The name of the resource in the program.
        :param opts: Pulumi's options; `provider` is refused, `import_` reads and never writes.
        :param user: A `ConductorUser`, its `email` or `id` output, or an address.
        :param account_id: 0 to 2^53-1, an account that the identity owns.
        :param profile: The profile whose settings are used; the user's, when a user of this program is given.
        :raises InvalidInputError: with an explicit provider.
        """
        owner, email = find_user(user, profile), user_email(user)
        link = GrantOwner(email)
        arguments: dict[str, Any] = {
            "user": email,
            "account_id": account_id,
            "profile": _profile(owner, profile),
        }
        super().__init__(provider.AccountAccess(), resource_name, arguments, _OUTPUTS, link_options(link, owner, opts))
        link.settle(self, resource_name, self.declared("user"), self.declared("profile"))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - the name that generated SDKs use
        opts: pulumi.ResourceOptions | None = None,
        *,
        profile: pulumi.Input[str] | None = None,
    ) -> UserAccountAccess:
        """Read a grant that this program does not manage, by `<email>:<account_id>`; a missing one is an error."""
        names = ("user", "account_id", *_OUTPUTS)
        grant = UserAccountAccess.__new__(UserAccountAccess)
        grant.register_read(provider.AccountAccess(), resource_name, id, opts, outputs=names, profile=profile)
        return grant


class UserAccountAccessExclusive(ConduitResource, module="conduit", name="UserAccountAccessExclusive"):
    """All accounts of one user, authoritatively: what is not listed is removed."""

    user: pulumi.Output[str]
    """The user's address in lower case."""
    account_ids: pulumi.Output[Sequence[int]] = pulumi.property("accountIds")
    """The accounts, ascending."""
    profile: pulumi.Output[str | None]
    """The profile whose settings are used."""
    initial_accounts: pulumi.Output[Sequence[int]] = pulumi.property("initialAccounts")
    """The accounts that the user keeps when this list is destroyed and the user is not."""
    tenant: pulumi.Output[str]
    """The tenant: base URL and identity."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        user: ConductorUser | pulumi.Input[str],
        account_ids: pulumi.Input[Sequence[pulumi.Input[int]]],
        profile: pulumi.Input[str] | None = None,
    ) -> None:
        """Declare all accounts that a user may reach.

        :param resource_name: The name of the resource in the program.
        :param opts: Pulumi's options; `provider` is refused, `import_` reads and never writes.
        :param user: A `ConductorUser`, its `email` or `id` output, or an address. Another one replaces.
        :param account_ids: A non-empty set of account ids; order and repeats make no difference.
        :param profile: The profile whose settings are used; the user's, when a user of this program is given.
        :raises InvalidInputError: with an explicit provider.
        """
        owner, email = find_user(user, profile), user_email(user)
        link = GrantOwner(email)
        arguments: dict[str, Any] = {
            "user": email,
            "account_ids": account_ids,
            "profile": _profile(owner, profile),
        }
        outputs = ("initial_accounts", *_OUTPUTS)
        super().__init__(provider.AccountList(), resource_name, arguments, outputs, link_options(link, owner, opts))
        link.settle(self, resource_name, self.declared("user"), self.declared("profile"))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - the name that generated SDKs use
        opts: pulumi.ResourceOptions | None = None,
        *,
        profile: pulumi.Input[str] | None = None,
    ) -> UserAccountAccessExclusive:
        """Read the account list of a user that this program does not manage; a missing user is an error."""
        names = ("user", "account_ids", "initial_accounts", *_OUTPUTS)
        grants = UserAccountAccessExclusive.__new__(UserAccountAccessExclusive)
        grants.register_read(provider.AccountList(), resource_name, id, opts, outputs=names, profile=profile)
        return grants


def _profile(owner: ConductorUser | None, given: pulumi.Input[str] | None) -> pulumi.Input[str] | None:
    return given if given is not None or owner is None else owner.given_profile
