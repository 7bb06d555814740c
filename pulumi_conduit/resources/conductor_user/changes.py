"""What a changed declaration of a user may not change, or only stores: checked in the plan, before any write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import InvalidInputError, RefusedError, escaped
from pulumi_conduit.resources.conductor_user.model import IMMUTABLE, immutable_difference
from pulumi_conduit.resources.fields import Properties, composed, is_unknown
from pulumi_conduit.urns import name_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_conduit.resources.conductor_user.model import ConductorUserState
    from pulumi_conduit.resources.declaration_registry import Key
    from pulumi_conduit.resources.lifecycle import Operation

__all__ = ["ChangeRules"]


class ChangeRules:
    """The rules for a changed declaration of one user."""

    def __init__(self, operation: Operation, state: ConductorUserState) -> None:
        """Check nothing yet."""
        self._operation, self._state = operation, state
        self._registry = operation.context.registry

    def check_immutable(self, new: Properties) -> None:
        """Refuse a changed declaration of what the API cannot change; warn where an unchanged one has drifted."""
        refused = []
        for name, python_name in IMMUTABLE.items():
            remote = self._state.remote[name]
            if is_unknown(new[name]) or new[name] in {remote, composed(str(remote))}:
                continue
            found = immutable_difference(python_name, remote, new[name])
            if new[name] == self._state.applied_value(name):
                self._operation.warn(f"{self._state.what}: {found}")
            else:
                refused.append(found)
        if refused:
            raise InvalidInputError(f"{self._state.what}: {'; '.join(refused)}")

    def check_admin(self, key: Key, changed: Collection[str]) -> None:
        """Refuse the change of a user who has become an ADMIN."""
        is_planned = self._registry.is_declared(key)  # a refresh compares, too, and only shows what it finds
        if self._state.type == UserType.ADMIN.value and is_planned and {"type", "status"} & set(changed):
            raise InvalidInputError(
                f"{self._state.what}: it is an ADMIN now, which this API cannot manage; have an Admin change its type"
                " back, or remove it from the program and from the state (`pulumi state delete`)"
            )

    def check_destroy(self, key: Key, changed: Collection[str]) -> None:
        """Refuse another `on_destroy` where grants stay linked, or unlinked, as the old one had it."""
        if "onDestroy" not in changed:
            return
        if left_out := self._registry.grants_left_out(key, self._operation.urn):
            names = ", ".join(escaped(name_of(one), 80) for one in left_out)
            raise RefusedError(
                f"{self._state.what}: on_destroy is not changed from {self._state.on_destroy}, because this run leaves"
                f" out its grants {names}, and a destroy would treat them by the old value; run without --target and"
                " --exclude, or include the grants"
            )

    def check_initial_accounts(self, changed: Collection[str]) -> None:
        """Warn that changed initial accounts change no access."""
        if "initialAccounts" in changed:
            self._operation.warn(
                f"{self._state.what}: initial_accounts is stored only; access of a user that exists is managed by"
                " grants"
            )
