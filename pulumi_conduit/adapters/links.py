"""Which user a grant belongs to, and whether it goes with that user.

A linked grant depends on its user and is deleted with it: destroying both is one call, and nobody is left ACTIVE with
no account, invisible to the identity. That holds only for a user whose destroy deactivates (measured: a retained or
protected one would keep its access while the grants are dropped from the state), and only where the grant's profile
is the user's: another one may lead to another system, where that user lives on.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import get_root_resource

if TYPE_CHECKING:
    from pulumi_conduit.adapters.conductor_user import ConductorUser

__all__ = ["find_user", "linked", "register_user", "user_email"]

_USERS: weakref.WeakKeyDictionary[Any, list[ConductorUser]] = weakref.WeakKeyDictionary()
_WITHOUT_STACK: weakref.WeakSet[ConductorUser] = weakref.WeakSet()


def register_user(user: ConductorUser) -> None:
    """Remember a user of the program that is running, so that its grants can find it."""
    root = get_root_resource()
    if root is None:
        _WITHOUT_STACK.add(user)
    else:
        _USERS.setdefault(root, []).append(user)


def find_user(given: Any, profile: Any) -> ConductorUser | None:
    """Return the user that a grant names: by itself, by one of its outputs, or by its plain address."""
    from pulumi_conduit.adapters.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    if isinstance(given, ConductorUser):
        return given
    root = get_root_resource()
    users = list(_WITHOUT_STACK) if root is None else _USERS.get(root, [])
    return next((user for user in users if user.is_named_by(given, profile)), None)


def user_email(given: Any) -> Any:
    """Return what a grant sends as its user."""
    from pulumi_conduit.adapters.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    return given.email if isinstance(given, ConductorUser) else given


def linked(
    user: ConductorUser | None, opts: pulumi.ResourceOptions | None, profile: Any = None
) -> pulumi.ResourceOptions | None:
    """Return a grant's options, tied to its user where that user's destroy takes away what the grant gave."""
    if user is None:
        return opts
    is_free = opts is None or opts.deleted_with is None
    is_tied = is_free and user.is_deactivated_by_destroy and (profile is None or user.has_profile(profile))
    tie = pulumi.ResourceOptions(depends_on=[user], deleted_with=user if is_tied else None)
    return pulumi.ResourceOptions.merge(opts, tie)
