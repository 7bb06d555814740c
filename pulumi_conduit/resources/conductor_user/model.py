"""A person in Conductor (User Management API): what is declared, what is recorded, and how the two compare.

The API can set type and status; email, names, view and single sign-on have no endpoint and can never be changed. A user
is never deleted: destroying deactivates.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pulumi_conduit.enums import UserConflict, UserDestroy, UserStatus, UserType, UserView
from pulumi_conduit.errors import UnexpectedResponseError, escaped, shown
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.fields import (
    Field,
    Properties,
    is_same_text,
    noncanonical,
    snake_case,
    stored,
    to_properties,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.records import UserRecord

__all__ = [
    "COMPARED",
    "IMMUTABLE",
    "PROPERTIES",
    "ConductorUserSpec",
    "ConductorUserState",
    "difference",
    "differences",
    "immutable_difference",
    "is_active",
    "is_kept_as",
    "read_user",
    "recorded_user",
    "status_of",
    "surprises",
]

_ADMIN = {"ADMIN": "an ADMIN can neither be created nor managed by this API; declare READ_ONLY or STANDARD"}

PROPERTIES: Mapping[str, Field] = {
    "email": Field(fields.email, required=True),
    "firstName": Field(fields.text(), required=True, found=fields.found_text, immutable=True),
    "lastName": Field(fields.text(), required=True, found=fields.found_text, immutable=True),
    "view": Field(fields.choice(UserView), default=UserView.COMPLETE.value, found=fields.found_text, immutable=True),
    "ssoAccess": Field(fields.flag, default=False, immutable=True),
    "type": Field(fields.choice(UserType, refused=_ADMIN), default=UserType.READ_ONLY.value),
    "status": Field(fields.choice(UserStatus), default=UserStatus.ACTIVE.value),
    "initialAccounts": Field(
        fields.account_ids,
        required=True,
        advice=": name the first account here, and declare a UserAccountAccess for each other one",
    ),
    "sendEmail": Field(fields.flag, default=False),
    "onConflict": Field(fields.choice(UserConflict), default=UserConflict.REACTIVATE_INACTIVE.value),
    "onDestroy": Field(fields.choice(UserDestroy), default=UserDestroy.DEACTIVATE.value),
    "profile": Field(fields.profile),
    "importId": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""

COMPARED = tuple(name for name in PROPERTIES if name not in {"email", "importId"})
"""Stored names of what `diff` compares in one user; another email is another user."""

IMMUTABLE = {name: snake_case(name) for name, one in PROPERTIES.items() if one.immutable}
"""Stored name and Python name of what the API cannot change."""


@stored
@dataclass(frozen=True)
class ConductorUserSpec:
    """A user as declared."""

    email: str
    first_name: str
    last_name: str
    view: str
    sso_access: bool
    type: str
    status: str
    initial_accounts: tuple[int, ...]
    send_email: bool
    on_conflict: str
    on_destroy: str
    profile: str | None = None
    import_id: str | None = None

    @property
    def user_email(self) -> str:
        """Return the canonical email."""
        return self.email

    @property
    def what(self) -> str:
        """Name it in messages."""
        return f"user {self.email}"

    @property
    def is_active(self) -> bool:
        """Say whether the declaration wants the user to have access."""
        return self.status == UserStatus.ACTIVE.value


@stored
@dataclass(frozen=True)
class ConductorUserState:
    """A user as recorded: its remote values, and how it is to be treated.

    `last_applied` holds what was last declared where the remote value is another one and is not repaired: the immutable
    properties, and the status. It separates drift from an edit, and a deactivation made outside from a declared one.
    """

    email: str
    first_name: str
    last_name: str
    view: str
    sso_access: bool
    type: str
    status: str
    initial_accounts: tuple[int, ...] = ()
    send_email: bool | None = None
    on_conflict: str | None = None
    on_destroy: str | None = None
    profile: str | None = None
    tenant: str | None = None
    last_applied: Mapping[str, Any] = field(default_factory=dict)
    reactivated: bool | None = None
    """True where the create of this resource found the user INACTIVE and set it ACTIVE."""
    adopted: bool | None = None
    """True where the create of this resource found the user, or it was imported; also after a rename or `--replace`."""
    remote_email: str | None = None
    """The address as the API spells it, where that is not the canonical one."""

    @property
    def user_email(self) -> str:
        """Return the canonical email."""
        return self.email

    @property
    def what(self) -> str:
        """Name it in messages."""
        return f"user {self.email}"

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return self.email

    @cached_property
    def remote(self) -> Properties:
        """Return the recorded remote values, by stored names."""
        return to_properties(self)

    def applied_value(self, name: str) -> Any:
        """Return what was last declared for a stored name."""
        return self.last_applied[name] if name in self.last_applied else self.remote[name]

    def is_deactivated_outside(self) -> bool:
        """Say whether a user that was last declared ACTIVE was deactivated outside."""
        return not is_active(self.status) and is_active(self.applied_value("status"))

    def is_applied_active(self) -> bool:
        """Say whether the user was last declared ACTIVE."""
        return is_active(self.applied_value("status"))

    def inputs(self) -> dict[str, Any]:
        """Return the inputs to compare a program with: remote values, or the last declared ones where they stay.

        They stay for immutable properties, and for the status of a user who was deactivated outside.
        """
        recorded = {name: value for name, value in self.remote.items() if name in PROPERTIES}
        kept = {name: self.applied_value(name) for name in IMMUTABLE}
        if self.is_deactivated_outside():
            kept["status"] = self.applied_value("status")
        return recorded | kept

    def declared_as(self, spec: ConductorUserSpec) -> ConductorUserState:
        """Return this state under a new declaration: remote values stay, declared ones that differ are recorded."""
        stored = replace(
            self,
            initial_accounts=spec.initial_accounts,
            send_email=spec.send_email,
            on_conflict=spec.on_conflict,
            on_destroy=spec.on_destroy,
            profile=spec.profile,
        )
        declared, names = to_properties(spec), (*IMMUTABLE, "status")
        return replace(
            stored, last_applied={name: declared[name] for name in names if declared[name] != stored.remote[name]}
        )

    def seen_as(self, record: UserRecord, tenant: str) -> ConductorUserState:
        """Return this state with the remote values of now; what was last declared is recorded where it differs."""
        seen = replace(self, **_remote_values(record), tenant=tenant, last_applied={})
        applied = {name: self.applied_value(name) for name in (*IMMUTABLE, "status")}
        return replace(
            seen, last_applied={name: value for name, value in applied.items() if value != seen.remote[name]}
        )


def status_of(record: UserRecord) -> str:
    """Return the status of a remote user; one that neither its GET nor the list has is an error, never a guess."""
    if record.status is None:
        raise UnexpectedResponseError(
            f"user {escaped(record.email)}: neither its own response nor the list has its status"
        )
    return record.status.value


def is_active(status: str) -> bool:
    """Say whether a status gives access."""
    return status == UserStatus.ACTIVE.value


def recorded_user(spec: ConductorUserSpec, record: UserRecord, tenant: str, *, adopted: bool) -> ConductorUserState:
    """Return the state of a user that was created or adopted."""
    state = ConductorUserState(spec.email, **_remote_values(record), tenant=tenant, adopted=adopted or None)
    return state.declared_as(spec)


def read_user(email: str, record: UserRecord, tenant: str, profile: str | None) -> ConductorUserState:
    """Return the state of a user that no program declares."""
    return ConductorUserState(email, **_remote_values(record), tenant=tenant, profile=profile)


def _remote_values(record: UserRecord) -> dict[str, Any]:
    """Return what a state takes from a response, by Python names: each property of the table that a response has."""
    names = (snake_case(name) for name in PROPERTIES if name != "email")
    values = {name: getattr(record, name) for name in names if hasattr(record, name)}
    return {**values, "status": status_of(record), "remote_email": noncanonical(record.email)}


def difference(python_name: str, remote: object, declared: object) -> str:
    """Return both values of a property that differs, for a message."""
    return f"{python_name} is {shown(remote)} in Conductor but {shown(declared)} in the program"


def immutable_difference(python_name: str, remote: object, declared: object) -> str:
    """Return both values of a property that differs and that the API cannot change, and the way out."""
    return (
        f"{difference(python_name, remote, declared)}, and the API cannot change it: set it to {shown(remote)}, or add"
        f' ignore_changes=["{python_name}"]'
    )


def differences(declared: Properties, record: UserRecord, names: Mapping[str, str] = IMMUTABLE) -> list[str]:
    """Return both values of each named property that differs."""
    return [
        difference(python_name, getattr(record, python_name), declared[name])
        for name, python_name in names.items()
        if declared[name] != getattr(record, python_name)
    ]


def is_kept_as(declared: Properties, record: UserRecord, name: str) -> bool:
    """Say whether the API has what was declared for a stored name, in whatever form it keeps a person's name."""
    value = getattr(record, IMMUTABLE[name])
    is_text = name in {"firstName", "lastName"}
    return is_same_text(declared[name], value) if is_text else bool(declared[name] == value)


def surprises(declared: Properties, record: UserRecord) -> list[str]:
    """Return what a user has otherwise than declared and the API cannot change: both values, and the way out."""
    return [
        immutable_difference(python_name, getattr(record, python_name), declared[name])
        for name, python_name in IMMUTABLE.items()
        if not is_kept_as(declared, record, name)
    ]
