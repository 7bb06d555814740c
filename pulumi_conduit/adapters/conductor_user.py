"""`ConductorUser` as a program declares it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.adapters.inheritance import may_be_left_alone
from pulumi_conduit.adapters.links import register_user
from pulumi_conduit.adapters.plain import plain_word
from pulumi_conduit.adapters.program import ConduitResource

__all__ = ["ConductorUser"]

_OUTPUTS = ("place",)
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
    """The first name that lives."""
    last_name: pulumi.Output[str] = pulumi.property("lastName")
    """The last name that lives."""
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
    """The profile whose settings reach it."""
    place: pulumi.Output[str]
    """Where it lives: the base URL and the identity."""

    is_deactivated_by_destroy: bool = False
    """Whether a destroy of this resource takes all access away (a plain fact of the program, not an output)."""
    given_email: Any = None
    """The address as the program gave it."""
    given_profile: Any = None
    """The profile as the program gave it, which its grants take over."""

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
        :param opts: Pulumi's options; `provider` is refused, `import_` looks and never writes.
        :param email: The address, compared in lower case. Another one replaces.
        :param first_name: No endpoint changes it: a changed declaration is refused.
        :param last_name: Likewise.
        :param initial_accounts: One account id or more, for creation and reactivation only; grants manage access.
        :param view: One of `UserView`, COMPLETE by default. No endpoint changes it.
        :param sso_access: False by default. No endpoint changes it.
        :param type: READ_ONLY (default) or STANDARD.
        :param status: ACTIVE (default) or INACTIVE.
        :param send_email: Whether the product sends a welcome mail at creation; false by default.
        :param on_conflict: `error`, `reactivate_inactive` (default) or `adopt`, for a user that exists and differs.
        :param on_destroy: `deactivate` (default) or `retain` (forget it).
        :param profile: The profile whose settings reach it.
        :raises InvalidDeclaration: with an explicit provider, or an `on_destroy` that is not a plain value.
        """
        arguments: dict[str, Any] = {
            "email": email,
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
        is_deactivated = plain_word(resource_name, "on_destroy", on_destroy, "deactivate") == "deactivate"
        self.given_email, self.given_profile = email, profile
        super().__init__(provider.ConductorUser(), resource_name, arguments, _OUTPUTS, opts)
        self.is_deactivated_by_destroy = is_deactivated and not self._protect and not may_be_left_alone(self)
        register_user(self)

    def is_named_by(self, given: Any, profile: Any) -> bool:
        """Say whether a grant's argument is this user: one of its outputs, or its plain address in the same profile."""
        if given is self.email or given is self.id or (isinstance(given, pulumi.Output) and given is self.given_email):
            return True
        if not isinstance(given, str) or not isinstance(self.given_email, str):
            return False
        return given.lower() == self.given_email.lower() and self.has_profile(profile)

    def has_profile(self, profile: Any) -> bool:
        """Say whether a grant's profile is surely this user's; of two Outputs only the same object is."""
        are_plain = not isinstance(profile, pulumi.Output) and not isinstance(self.given_profile, pulumi.Output)
        return profile is self.given_profile or (are_plain and bool(profile == self.given_profile))

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
        user.given_profile = profile
        return user
