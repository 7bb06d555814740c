"""`ConductorUser` as a program declares it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.program.dynamic_resource import ConduitResource, require_plain
from pulumi_conduit.program.grant_owner import are_same, known_text, refuse_earlier_grants, register_user, user_email
from pulumi_conduit.program.program_hooks import ignores, may_skip_delete

__all__ = ["ConductorUser"]

_OUTPUTS = ("tenant",)
_ARGUMENTS = (
    "email",
    "first_name",
    "last_name",
    "view",
    "sso_access",
    "type",
    "status",
    "initial_accounts",
    "send_email",
    "on_conflict",
    "on_destroy",
)


class ConductorUser(ConduitResource, module="conduit", name="ConductorUser"):
    """A person in Conductor. Destroying deactivates. Source: Conductor User Management API 1.0.1."""

    email: pulumi.Output[str]
    """The address in lower case."""
    first_name: pulumi.Output[str] = pulumi.property("firstName")
    """The actual first name."""
    last_name: pulumi.Output[str] = pulumi.property("lastName")
    """The actual last name."""
    view: pulumi.Output[str]
    """The part of the product that the person sees; one of `UserView`."""
    sso_access: pulumi.Output[bool] = pulumi.property("ssoAccess")
    """Whether the person logs in by single sign-on."""
    type: pulumi.Output[str]
    """Whether the person may change data; one of `UserType`."""
    status: pulumi.Output[str]
    """Whether the person has access; one of `UserStatus`."""
    initial_accounts: pulumi.Output[Sequence[int]] = pulumi.property("initialAccounts")
    """The accounts given at creation and reactivation."""
    send_email: pulumi.Output[bool] = pulumi.property("sendEmail")
    """Whether a welcome mail was asked for at creation."""
    on_conflict: pulumi.Output[str] = pulumi.property("onConflict")
    """What a create does with a user that exists and differs."""
    on_destroy: pulumi.Output[str] = pulumi.property("onDestroy")
    """What a destroy does: `deactivate` or `retain`."""
    profile: pulumi.Output[str | None]
    """The profile whose settings are used."""
    tenant: pulumi.Output[str]
    """The tenant: base URL and identity."""

    given_email: Any = None
    """The declared address, after transformations."""
    given_profile: Any = None
    """The declared profile, after transformations; the default of its grants."""
    # For this program's grants: the resource's name, the number of users declared before it, and whether the declared
    # address is plain and the one that the engine uses.
    given_name, number, is_email_certain = "", 0, False
    _destroy = ""  # the declared `on_destroy`; empty if the options keep a destroy from the provider

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        email: pulumi.Input[str],
        first_name: pulumi.Input[str],
        last_name: pulumi.Input[str],
        initial_accounts: pulumi.Input[Sequence[pulumi.Input[int]]],
        view: pulumi.Input[str] | None = None,
        sso_access: pulumi.Input[bool] | None = None,
        type: pulumi.Input[str] | None = None,  # noqa: A002 - the API's word
        status: pulumi.Input[str] | None = None,
        send_email: pulumi.Input[bool] | None = None,
        on_conflict: pulumi.Input[str] | None = None,
        on_destroy: str | None = None,
        profile: pulumi.Input[str] | None = None,
    ) -> None:
        """Declare a person.

        :param resource_name: The name of the resource in the program.
        :param opts: Pulumi's options; `provider` is refused, `import_` reads and never writes.
        :param email: The address, compared in lower case. Another one replaces.
        :param first_name: The API cannot change it: a changed declaration is refused.
        :param last_name: Likewise.
        :param initial_accounts: One account id or more, for creation and reactivation only; grants manage access.
        :param view: One of `UserView`, COMPLETE by default. The API cannot change it.
        :param sso_access: False by default. The API cannot change it.
        :param type: READ_ONLY (default) or STANDARD.
        :param status: ACTIVE (default) or INACTIVE.
        :param send_email: Whether the product sends a welcome mail at creation; false by default.
        :param on_conflict: `error`, `reactivate_inactive` (default) or `adopt`, for a user that exists and differs.
        :param on_destroy: `deactivate` (default) or `retain` (remove it from state only).
        :param profile: The profile whose settings are used.
        :raises InvalidInputError: with an explicit provider, or an `on_destroy` that is not a plain value.
        """
        arguments: dict[str, Any] = {
            "email": user_email(email),
            "first_name": first_name,
            "last_name": last_name,
            "view": view,
            "sso_access": sso_access,
            "type": type,
            "status": status,
            "initial_accounts": initial_accounts,
            "send_email": send_email,
            "on_conflict": on_conflict,
            "on_destroy": on_destroy,
            "profile": profile,
        }
        require_plain(resource_name, "on_destroy", on_destroy, "deactivate")
        if isinstance(email, str):  # before anything is registered
            refuse_earlier_grants(resource_name, email, profile)
        super().__init__(provider.ConductorUser(), resource_name, arguments, _OUTPUTS, opts)
        self._settle(resource_name)
        register_user(self)

    def _settle(self, resource_name: str) -> None:
        """Read arguments and options after the transformations."""
        self.given_name, self.given_profile = resource_name, self.declared("profile")
        self.given_email = self.declared("email")
        self.is_email_certain = isinstance(self.given_email, str) and not ignores(self, ["email"])
        destroy = require_plain(resource_name, "on_destroy", self.declared("on_destroy"), "deactivate")
        self._destroy = "" if self._protect or may_skip_delete(self) or ignores(self, ["profile"]) else destroy

    async def is_deactivated(self) -> bool:
        """Return whether a destroy deactivates, by the engine's inputs: `ignore_changes` may keep an old value."""
        return bool(self._destroy) and (await known_text(self.on_destroy) or self._destroy) == "deactivate"

    async def has_email(self, email: str) -> bool:
        """Return whether this is the address that the engine has."""
        known = await known_text(self.email)
        return known is not None and known.lower() == email.lower()

    def has_profile(self, profile: Any) -> bool:
        """Return whether a grant's profile is certainly this user's."""
        return are_same(profile, self.given_profile)

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - the name that generated SDKs use
        opts: pulumi.ResourceOptions | None = None,
        *,
        profile: pulumi.Input[str] | None = None,
    ) -> ConductorUser:
        """Read a user that this program does not manage; a missing one is an error."""
        user = ConductorUser.__new__(ConductorUser)
        user.register_read(
            provider.ConductorUser(), resource_name, id, opts, outputs=(*_ARGUMENTS, *_OUTPUTS), profile=profile
        )
        user.given_name, user.given_profile = resource_name, profile
        return user
