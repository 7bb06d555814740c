"""A user in Conductor: check, diff, create, read, update and deactivate.

`ChangeRules` has what a changed declaration may not change, or only stores: checked in the plan, before any write.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.enums import UserDestroy, UserStatus, UserType
from pulumi_conduit.errors import ConduitError, HTTPStatusError, InvalidInputError, NotFoundError, RefusedError, escaped
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.conductor_handler import ConductorHandler
from pulumi_conduit.resources.conductor_user.creation import UserCreation
from pulumi_conduit.resources.conductor_user.model import (
    COMPARED,
    IMMUTABLE,
    PROPERTIES,
    ConductorUserSpec,
    ConductorUserState,
    immutable_difference,
    is_active,
    read_user,
    status_of,
)
from pulumi_conduit.resources.conductor_user.reactivation import Reactivation, warn_deactivated_outside
from pulumi_conduit.resources.declaration_registry import InOtherStack, Key, Kind
from pulumi_conduit.resources.declared_access import logged_grants
from pulumi_conduit.resources.fields import Properties, composed, from_properties, is_unknown, to_properties
from pulumi_conduit.resources.lifecycle import Diff, changed_names, profile_moves
from pulumi_conduit.urns import name_of
from pulumi_conduit.warnings import REACTIVATE, CodedWarning

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.lifecycle import Operation
    from pulumi_conduit.resources.limits import Missing
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["ChangeRules", "ConductorUserHandler"]


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
        """Refuse a changed `on_destroy` in a run that leaves out grants of the user: they are linked by the old one."""
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


_REFUSED_MAIL = ("gmail.com", "googlemail.com")


class ConductorUserHandler(ConductorHandler[ConductorUserSpec, ConductorUserState]):
    """The operations on a user."""

    properties: ClassVar = PROPERTIES

    def spec(self, inputs: Properties) -> ConductorUserSpec:
        """Return typed inputs."""
        return from_properties(ConductorUserSpec, inputs, "user")

    def state(self, outputs: Properties) -> ConductorUserState:
        """Return typed outputs."""
        return from_properties(ConductorUserState, outputs, "user")

    def key(self, declared: ConductorUserSpec) -> Key:
        """Return (tenant, user, canonical email)."""
        return Key(self.context.sessions.conductor_tenant(declared.profile), Kind.USER, declared.email)

    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Refuse a second declaration, a conflict with an exclusive list, and a new user that the API would refuse."""
        if is_unknown(new["email"]) or is_unknown(new.get("profile")):
            return []
        key = Key(self.context.sessions.conductor_tenant(new.get("profile")), Kind.USER, new["email"])
        initial = () if is_unknown(new["initialAccounts"]) else new["initialAccounts"]
        reasons = self.declare(key, f"user {new['email']}", initial)
        if old.get("email") == new["email"]:
            return reasons
        planned_users = self.context.planned_users
        planned_users.record_new(key, is_new=planned_users.latest(key) is None)  # until a comparison finds it
        reasons += self.compare_with_conductor(new.get("profile"), lambda: self._compare_and_warn(key, new))
        return reasons + (self._outside_exclusive_list(key, frozenset(initial)) if planned_users.is_new(key) else [])

    def diff(self, state: ConductorUserState, new: Properties) -> Diff:
        """Compare; a changed declaration of what the API cannot change is refused, and drift in it warns."""
        self.guard_diff(state)
        self.context.planned_users.record_state(self._key_of(state), state)
        is_other = is_unknown(new["email"]) or new["email"] != state.email
        is_elsewhere = profile_moves(state, new, self.context.sessions.conductor_tenant)
        if is_other or is_elsewhere:
            replaces = [*(["email"] if is_other else []), *(["profile"] if is_elsewhere else [])]
            return Diff(replaces, replaces)
        rules = ChangeRules(self.operation, state)
        rules.check_immutable(new)
        self._check_status(state, new)
        changed = changed_names(state.inputs(), new, COMPARED)
        rules.check_admin(self._key_of(state), changed)
        rules.check_destroy(self._profile_key_of(state), changed)
        rules.check_initial_accounts(changed)
        return Diff(changed, is_stale=not is_unknown(new) and state.applied_value("status") != new["status"])

    def create(self, spec: ConductorUserSpec) -> ConductorUserState:
        """Create the user, or adopt the one that has the address."""
        state = self._created(spec)
        self.context.planned_users.record_result(self.key(spec), state)
        return state

    def _created(self, spec: ConductorUserSpec) -> ConductorUserState:
        session = self.context.sessions.conductor(spec.profile)
        creation = self._creation(session, spec)
        if spec.import_id is not None:
            return creation.adopt()
        if odd := self.only_found(to_properties(spec)):
            self._require_found(session, spec, odd)
            return creation.adopt()
        return creation.create() if session.cache.from_cache(spec.email) is None else creation.adopt()

    def get(self, resource_id: str, profile: str | None) -> ConductorUserState:
        """Return a user that this program does not manage."""
        session = self.context.sessions.conductor(profile)
        email = fields.resource_id(fields.email, resource_id, "a user")
        record = session.cache.find(email)
        if record is None:
            raise RefusedError(f"user {email}: this identity sees no such user")
        return read_user(email, record, str(session.tenant), profile)

    def read(self, state: ConductorUserState) -> ConductorUserState | Missing:
        """Return the remote user, or Missing where neither the list nor its own GET has it."""
        session = self.session_of(state)
        record = session.cache.find(state.email, session.address)
        if record is None:
            return self.missing_user(state, session)
        return state.seen_as(record, str(session.tenant))

    def update(self, state: ConductorUserState, spec: ConductorUserSpec) -> ConductorUserState:
        """Set type and status where the declaration wants it; store the rest without a request."""
        updated = self._updated(state, spec)
        self.context.planned_users.record_result(self.key(spec), updated)
        return updated

    def _updated(self, state: ConductorUserState, spec: ConductorUserSpec) -> ConductorUserState:
        is_type_changed = spec.type != state.type
        is_status_changed = spec.status != state.status and not self._stays_inactive(state, spec)
        if not is_type_changed and not is_status_changed:
            return state.declared_as(spec)
        session = self.session_of(replace(state, profile=spec.profile))
        writer = self.writer(session, spec)
        if is_status_changed and not spec.is_active:
            writer.deactivate()
        if is_status_changed and spec.is_active:
            self.context.planned_users.record_inactive_before(self.key(spec))
            Reactivation(writer, spec).run()
        elif is_type_changed:
            writer.set_type(spec.type)
        status = spec.status if is_status_changed else state.status
        written = replace(state, type=spec.type, status=status, tenant=str(session.tenant))
        return written.declared_as(spec)

    def delete(self, state: ConductorUserState) -> None:
        """Deactivate the user, or remove it from state only, as declared."""
        self.guard_delete(state)
        key = self._key_of(state)
        if self.is_wanted(key, state.what):
            self._keep_deactivated(key, state)
            self._warn_of_undeclared_grants(state)
            return
        self._warn_of_successor()
        if state.on_destroy == UserDestroy.RETAIN.value:
            self.warn(f"{state.what}: removed from state only (on_destroy='retain'){self._reach(state)}")
            return
        self._deactivate_for_good(self.delete_session_of(state), state)

    def _reach(self, state: ConductorUserState) -> str:
        """Say what a user that is removed from state still has access to; its grants may have left the state before."""
        as_it_is = ", with its access as it is"
        if not self.context.settings.has_conductor(state.profile):
            return as_it_is
        try:
            session = self.delete_session_of(state)
            record = session.cache.fetch(state.email, session.address)
            if record is None or not record.accounts:
                return as_it_is
            verb = "still has access to" if is_active(status_of(record)) else "still holds, although INACTIVE,"
            return f" and {verb} {session.cache.names(record.accounts)}"
        except ConduitError as error:
            return f"{as_it_is}, which cannot be read: {error}"

    def _compare_and_warn(self, key: Key, new: dict[str, Any]) -> list[str]:
        """Return the reasons that Conductor gives against a new user; warn of what an adoption does."""
        session = self.context.sessions.conductor(new.get("profile"))
        reasons = [] if is_unknown(new["initialAccounts"]) else self._unknown_accounts(session, new["initialAccounts"])
        try:
            record = session.cache.from_list(new["email"]) or self._fetch_unlisted(session, new["email"])
        except HTTPStatusError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return reasons + self.warn_unverified(str(error))  # only a 404 in JSON proves that there is no user
        if record is None:
            return reasons + self._compare_missing(session, new)
        self.context.planned_users.record_new(key, is_new=False)
        if not is_unknown(new):
            try:
                self._creation(session, self.spec(new)).resolve_and_warn(record, checks_reactivation=True)
            except RefusedError as error:
                reasons.append(str(error))
        return reasons

    def _fetch_unlisted(self, session: ConductorSession, email: str) -> UserRecord | None:
        """Return a user that the list lacks, which is no proof, and begin to read those that the engine checks next."""
        registry, urn = self.context.registry, self.operation.urn
        at_once = self.context.workers - 1  # and the check's own
        return session.cache.fetch_unlisted(email, lambda: registry.users_to_check(session.tenant, urn), at_once)

    def _require_found(self, session: ConductorSession, spec: ConductorUserSpec, odd: list[str]) -> None:
        """Refuse to create a user with values that only one that exists may have."""
        if session.cache.fetch(spec.email) is None:
            raise self._not_creatable(spec, odd)

    def _not_creatable(self, spec: ConductorUserSpec, odd: list[str]) -> InvalidInputError:
        return InvalidInputError(f"{spec.what}: not found, and cannot be created: {'; '.join(odd)}")

    def _compare_missing(self, session: ConductorSession, new: Properties) -> list[str]:
        """Return the reasons against a user that neither the list nor its own GET shows."""
        if "importId" in new and not is_unknown(new):
            raise self._creation(session, self.spec(new)).import_without_user()
        if (odd := self.only_found(new)) and not is_unknown(new):
            raise self._not_creatable(self.spec(new), odd)
        if new["email"].rpartition("@")[2] in _REFUSED_MAIL:
            return [f"user {new['email']}: the API refuses addresses of public mail providers"]
        return []

    def _unknown_accounts(self, session: ConductorSession, accounts: list[int]) -> list[str]:
        return [
            session.cache.not_owned("initial_accounts", one) for one in accounts if one not in session.cache.accounts()
        ]

    def _outside_exclusive_list(self, key: Key, initial: frozenset[int]) -> list[str]:
        listed = self.context.registry.accounts(Key(key.tenant, Kind.GRANT_LIST, key.id))
        outside = sorted(initial - listed) if listed is not None else []
        return [
            f"initial_accounts: {one} is not in the account_ids of the exclusive list of user {key.id}"
            for one in outside
        ]

    def _creation(self, session: ConductorSession, spec: ConductorUserSpec) -> UserCreation:
        return UserCreation(self.writer(session, spec), spec)

    def _check_status(self, state: ConductorUserState, new: Properties) -> None:
        """Leave INACTIVE a user that was deactivated outside, and check what a reactivation would need."""
        if is_unknown(new["status"]) or not is_active(new["status"]):
            return
        if state.is_deactivated_outside():
            warn_deactivated_outside(self.operation, state.what)
        elif not is_active(state.status) and not is_unknown(new):
            self.warn(
                str(CodedWarning(REACTIVATE, f"{state.what} is INACTIVE and is reactivated with its declared accounts"))
            )
            spec = self.spec(new)
            if reasons := self.compare_with_conductor(spec.profile, lambda: self._check_reactivation(spec)):
                raise RefusedError("; ".join(reasons))

    def _check_reactivation(self, spec: ConductorUserSpec) -> list[str]:
        session = self.context.sessions.conductor(spec.profile)
        Reactivation(self.writer(session, spec), spec).check_declared()
        return []

    def _profile_key_of(self, state: ConductorUserState) -> Key:
        return Key(self.context.sessions.conductor_tenant(state.profile), Kind.USER, state.email)

    def _key_of(self, state: ConductorUserState) -> Key:
        return Key(self.tenant_of(state), Kind.USER, state.email)

    def _keep_deactivated(self, key: Key, state: ConductorUserState) -> None:
        """Set a user INACTIVE again that was deactivated outside, and reactivated by the resource that replaces it.

        The create of that resource could not know: the engine shows the old state to this delete only, which may come
        in a later run if this one is killed.
        """
        owner = self.context.planned_users.latest(key)
        if owner is None or not is_active(owner.status) or self.context.planned_users.was_inactive_before(key):
            return
        is_known_here = state.is_deactivated_outside()
        if is_known_here or (state.is_applied_active() and owner.reactivated):
            writer = self.writer(self.session_of(owner), owner)
            if owner.reactivated:
                writer.set_status(UserStatus.INACTIVE)  # takes back what its create did, so no limit counts
            else:
                writer.deactivate()
            warn_deactivated_outside(self.operation, state.what)

    def _stays_inactive(self, state: ConductorUserState, spec: ConductorUserSpec) -> bool:
        return spec.is_active and state.is_deactivated_outside()

    def _deactivate_for_good(self, session: ConductorSession, state: ConductorUserState) -> None:
        writer = self.writer(session, state)
        writer.count_deactivation(is_recorded_inactive=not is_active(state.status))
        try:
            writer.set_status(UserStatus.INACTIVE)
        except NotFoundError as error:
            removed = session.writes.removed(state.email)
            why = f" any more: this run removed its accounts {session.cache.names(removed)} before" if removed else ""
            raise RefusedError(
                f"{state.what}: not deactivated, because this identity does not see it (404){why}; it may still be"
                " ACTIVE. Have an Admin check it; if it does not exist any more, run `pulumi up --refresh`, else set"
                " on_destroy='retain', or `pulumi state delete` it"
            ) from error
        self.context.planned_users.record_deactivated(session.user_key(state.email))
        self._say_deactivated(state)

    def _say_deactivated(self, state: ConductorUserState) -> None:
        """Say what Pulumi calls `deleted`; warn where it is done to a person whom the program did not create."""
        if state.adopted:
            self.warn(
                f"{state.what}: was found by its resource, not created (adopted, renamed without an alias, or"
                " replaced), and is deactivated; on_destroy='retain' would have kept it"
            )
        elif is_active(state.status):
            self.inform(f"{state.what}: deactivated; the API deletes nobody")
        else:
            self.inform(f"{state.what}: left INACTIVE, as it was recorded; the API deletes nobody")

    def _warn_of_successor(self) -> None:
        """Warn of what the user holds undeclared that replaced this one in an earlier run.

        As long as this delete is pending, the engine takes the removal of any grant that is linked to the resource for
        a part of it, and sends nothing.
        """
        key = self.context.registry.user_declared_by(self.operation.urn)
        successor = None if key is None else self.context.planned_users.recorded(key)
        if successor is None:
            return
        try:
            self._warn_of_undeclared_grants(successor)
        except ConduitError as error:
            self.warn(f"{successor.what}: its accounts cannot be read: {error}; run `pulumi-conduit audit`")

    def _warn_of_undeclared_grants(self, state: ConductorUserState) -> None:
        owner = (
            self.context.planned_users.latest(self._key_of(state)) or state
        )  # the settings of the old profile may be missing
        session = self.session_of(owner)
        record = session.cache.find(state.email, session.address)
        key = session.user_key(state.email)
        # A partial run (--target-replace) leaves grants out that the program declares all the same.
        logged = logged_grants(self.context, key, self.operation.urn)
        if any(one.accounts is None for one in logged):
            return
        declared = self.context.registry.declared_accounts(session.tenant, state.email)
        declared = declared.union(*(one.accounts or () for one in logged))
        initial = self.context.registry.accounts(key) or frozenset()
        other_stack = self.context.registry.other_stack(key, self.operation.urn) or InOtherStack("")
        if record and (held := record.accounts - declared - initial - other_stack.accounts):
            self.warn(
                f"{state.what}: holds accounts that no grant of this program declares: {session.cache.names(held)}"
            )
