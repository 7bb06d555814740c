"""What a plan says of a user whose declaration and life differ: what is refused, and what is left as it is.

Must not write, nor ask for more than a return to ACTIVE needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import InvalidInputError, RefusedError, escaped
from pulumi_conduit.resources.conductor_user.creation import Converges
from pulumi_conduit.resources.conductor_user.model import UNCHANGEABLE, ConductorUserState, is_active
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.unknown import is_unknown
from pulumi_conduit.urns import name_of
from pulumi_conduit.warnings import REACTIVATE, Fact

if TYPE_CHECKING:
    from pulumi_conduit.resources.serialization import Properties

__all__ = ["JudgesChanges"]


class JudgesChanges(Converges):
    """The part of a user's life in which a changed declaration is judged."""

    def judge_unchangeable(self, state: ConductorUserState, new: Properties) -> None:
        """Refuse a changed declaration of what no endpoint changes; say where life differs from an unchanged one."""
        live = state.live
        refused = []
        for name, python_name in UNCHANGEABLE.items():
            if is_unknown(new[name]) or new[name] == live[name]:
                continue
            if new[name] == state.applied_value(name):
                self.warn(
                    f"{state.what}: {python_name} lives as another value than declared, and no endpoint changes it"
                )
            else:
                refused.append(python_name)
        if refused:
            raise InvalidInputError(
                f"{state.what}: no endpoint changes {', '.join(refused)}; declare what lives, or use ignore_changes"
            )

    def judge_status(self, state: ConductorUserState, new: Properties) -> None:
        """Leave off who was deactivated outside, and judge what a return to ACTIVE would bring along."""
        if is_unknown(new["status"]):
            return
        if is_active(new["status"]) and state.is_switched_off_outside():
            self.warn_switched_off(state.what)
        elif is_active(new["status"]) and not is_active(state.status) and not is_unknown(new):
            self.warn(str(Fact(REACTIVATE, f"{state.what} is INACTIVE and is brought back with its declared accounts")))
            self.judge_return(self.spec(new))

    def judge_admin(self, state: ConductorUserState, changed: list[str]) -> None:
        """Refuse the change of a user who has become an ADMIN."""
        key = Key(self.tenant_of(state), Kind.USER, state.email)
        is_planned = self.run.ledger.is_declared(key)  # a refresh compares, too, and only shows what it finds
        if state.type == UserType.ADMIN.value and is_planned and {"type", "status"} & set(changed):
            raise InvalidInputError(
                f"{state.what}: it is an ADMIN now, which this API cannot manage; have an Admin change its type back,"
                " or remove it from the program and from the state (`pulumi state delete`)"
            )

    def judge_destroy(self, state: ConductorUserState, changed: list[str]) -> None:
        """Refuse another policy of destruction where grants stay tied, or untied, as the old one had it."""
        if "onDestroy" not in changed:
            return
        key = Key(self.run.conductor_tenant(state.profile), Kind.USER, state.email)
        if left_out := self.run.ledger.grants_left_out(key, self.operation.urn):
            names = ", ".join(escaped(name_of(one), 80) for one in left_out)
            raise RefusedError(
                f"{state.what}: on_destroy is not changed from {state.on_destroy}, for this run leaves out its grants"
                f" {names}, and a destroy would treat them by the old policy; run without --target and --exclude, or"
                " take the grants in"
            )
