"""All accounts of one user, authoritatively: writes differences from a fresh read, never a blind replace.

Accounts that the identity does not own may be hidden from it, so they are left unchanged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import InvalidInputError, RefusedError, shown
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.access_writer import FEW_POLLS, is_inactive
from pulumi_conduit.resources.account_access import grant_key
from pulumi_conduit.resources.account_access_exclusive.list_writer import ListWriter
from pulumi_conduit.resources.account_access_exclusive.model import (
    PROPERTIES,
    AccountAccessExclusiveSpec,
    AccountAccessExclusiveState,
)
from pulumi_conduit.resources.conductor_handler import ConductorHandler, admin_reason
from pulumi_conduit.resources.conductor_user.model import is_active, status_of
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import Properties, canonical_email, from_properties, is_unknown
from pulumi_conduit.resources.lifecycle import Diff, changed_names, profile_moves
from pulumi_conduit.warnings import ADOPT, Fact, gives, removes

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.limits import Missing
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["AccountAccessExclusiveHandler"]


class AccountAccessExclusiveHandler(ConductorHandler[AccountAccessExclusiveSpec, AccountAccessExclusiveState]):
    """The operations on one user's whole list."""

    properties: ClassVar = PROPERTIES

    def spec(self, inputs: Properties) -> AccountAccessExclusiveSpec:
        """Return typed inputs."""
        return from_properties(AccountAccessExclusiveSpec, inputs, "account list")

    def state(self, outputs: Properties) -> AccountAccessExclusiveState:
        """Return typed outputs."""
        # A list that was emptied outside used to be stored without its accounts.
        return from_properties(AccountAccessExclusiveState, {"accountIds": [], **outputs}, "account list")

    def key(self, declared: AccountAccessExclusiveSpec) -> Key:
        """Return (tenant, grant list, email)."""
        return Key(self.context.sessions.conductor_tenant(declared.profile), Kind.GRANT_LIST, declared.user)

    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Refuse a second declaration, additive grants beside it, and for a new list what the API would refuse."""
        if is_unknown(new):
            return []
        spec = self.spec(new)
        key = self.key(spec)
        registry = self.context.registry
        reasons = self.declare(key, spec.what, spec.account_ids, profile=spec.profile)
        if registry.declared_grants(
            key.tenant, spec.user
        ):  # asked after declaring: a grant that comes now sees the list
            reasons.append(f"{spec.what}: this program also declares single grants for the user; use one kind")
        is_same = old.get("user") == spec.user
        owner = Key(key.tenant, Kind.USER, spec.user)
        if not is_same and self.context.planned_users.is_new(owner):
            reasons += _initial_outside(spec, registry.accounts(owner) or frozenset())
        if is_same and list(old.get("accountIds", ())) == list(spec.account_ids):
            return reasons
        kept = spec.accounts.intersection(old.get("accountIds", ())) if is_same else frozenset()
        return reasons + self.verify_here(spec.profile, lambda: self._compare(spec, kept, is_new=not is_same))

    def diff(self, state: AccountAccessExclusiveState, new: Properties) -> Diff:
        """Compare as sets; a list that a reactivation has reset must be written again."""
        self.guard_diff(state)
        replaces = ["user"] if is_unknown(new["user"]) or new["user"] != state.user else []
        if profile_moves(state, new, self.context.sessions.conductor_tenant):
            replaces.append("profile")
        changed = changed_names(state.inputs(), new, ("accountIds", "profile"))
        is_reset = self._is_reset(state)
        return Diff(replaces + [name for name in changed if name not in replaces], replaces, is_stale=is_reset)

    def create(self, spec: AccountAccessExclusiveSpec) -> AccountAccessExclusiveState:
        """Make the user's list the declared one."""
        session = self.context.sessions.conductor(spec.profile)
        writer = self.writer(session, spec)
        with self.context.user_locks.lock(session.user_key(spec.user)):
            record = writer.require_user()
            if spec.import_id is not None:
                _require_import(session, spec, record)
            self._warn_of_adoption(session, spec, record)
            self._warn_of_foreign(session, spec, record)
            record = ListWriter(writer).write(spec, record)
        return self._recorded(session, spec, record)

    def get(self, resource_id: str, profile: str | None) -> AccountAccessExclusiveState:
        """Return the list of a user that this program does not manage."""
        session = self.context.sessions.conductor(profile)
        email = fields.resource_id(fields.email, resource_id, "an account list")
        record = session.cache.find(email)
        if record is None:
            raise RefusedError(f"account list of user {email}: this identity sees no such user")
        accounts = tuple(sorted(record.accounts & session.cache.accounts().keys()))
        address = fields.noncanonical(record.email)
        return AccountAccessExclusiveState(email, accounts, profile, tenant=str(session.tenant), remote_email=address)

    def read(self, state: AccountAccessExclusiveState) -> AccountAccessExclusiveState | Missing:
        """Return the remote list; an INACTIVE user's grants are never drift."""
        session = self.session_of(state)
        record = session.cache.find(state.user, session.address)
        if record is None:
            return self.missing_user(state, session)
        seen = replace(state, tenant=str(session.tenant), remote_email=fields.noncanonical(record.email))
        if not is_active(status_of(record)):
            return seen
        owned = session.cache.accounts().keys()
        if state.accounts - record.accounts:
            record = session.cache.fetch(state.user, session.address) or record
        _refuse_unseen(session, state, record)
        self._warn_of_foreign(session, state, record)
        return replace(seen, account_ids=tuple(sorted(record.accounts & (owned | state.accounts))))

    def update(
        self, state: AccountAccessExclusiveState, spec: AccountAccessExclusiveSpec
    ) -> AccountAccessExclusiveState:
        """Write the differences from a fresh read."""
        session = self.session_of(replace(state, profile=spec.profile))
        # An empty list is what drift has left, kept under ignore_changes: nothing is declared, so nothing is removed.
        if not spec.account_ids or (state.account_ids == spec.account_ids and not self._is_reset(state)):
            return replace(state, profile=spec.profile)
        writer = self.writer(session, spec)
        with self.context.user_locks.lock(session.user_key(spec.user)):
            # A GET that shows what was recorded, unless that was removed outside.
            record = writer.require_user(state.is_shown_by, polls=FEW_POLLS)
            _refuse_unseen(session, state, record)
            self._warn_of_foreign(session, spec, record)
            record = ListWriter(writer).write(spec, record, state.accounts)
        return self._recorded(session, spec, record)

    def delete(self, state: AccountAccessExclusiveState) -> None:
        """Remove what was listed; a user that stays keeps its initial accounts rather than nothing at all."""
        self.guard_delete(state)
        tenant = self.tenant_of(state)
        if self.is_wanted(Key(tenant, Kind.GRANT_LIST, state.user), state.what):
            return
        wanted = frozenset(
            one for one in state.accounts if self.is_wanted(grant_key(tenant, state.user, one), f"{state.what}: {one}")
        )
        session = self.delete_session_of(state)
        writer = self.writer(session, state)
        with self.context.gate.reading(), self.context.user_locks.lock(session.user_key(state.user)):
            is_found = ListWriter(writer).remove(state, writer.find_for_removal(state.is_shown_by), wanted)
        if not is_found:
            self.confirm_not_found(state, session)

    def _compare(self, spec: AccountAccessExclusiveSpec, kept: frozenset[int], *, is_new: bool) -> list[str]:
        session = self.context.sessions.conductor(spec.profile)
        owned = session.cache.accounts()
        reasons = [session.cache.not_owned("account_ids", one) for one in spec.account_ids if one not in owned]
        record = session.cache.from_list(spec.user)
        if record is None and not self.context.registry.is_declared(session.user_key(spec.user)):
            record = session.cache.fetch(spec.user)
            if record is None:
                reasons.append(f"user: {spec.user} is not found in Conductor and not declared before this")
        if record is not None and record.type == UserType.ADMIN.value:
            reasons.append(admin_reason(spec.user))
        elif record is not None:
            self._announce(session, spec, record, kept, is_new=is_new)
        return reasons

    def _announce(
        self,
        session: ConductorSession,
        spec: AccountAccessExclusiveSpec,
        record: UserRecord,
        kept: frozenset[int],
        *,
        is_new: bool,
    ) -> None:
        """Warn of what a list will do to a user that exists; `kept` are the accounts that it had and keeps."""
        if spec.import_id is not None:
            _require_import(session, spec, record)
        if removed := record.accounts & session.cache.accounts().keys() - spec.accounts:
            names = session.cache.names(removed)
            self.warn(removes(removed, f"{spec.what}: will be removed: {names}"))
        if (missing := kept - record.accounts) and not is_inactive(record):
            names = session.cache.names(missing)
            self.warn(gives(missing, f"{spec.what}: were removed outside of Pulumi, will be added again: {names}"))
        if is_new:
            self._warn_of_adoption(session, spec, record)

    def _recorded(
        self, session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord
    ) -> AccountAccessExclusiveState:
        initial = self.context.registry.accounts(session.user_key(spec.user)) or frozenset()
        return AccountAccessExclusiveState(
            spec.user,
            spec.account_ids,
            spec.profile,
            tenant=str(session.tenant),
            initial_accounts=tuple(sorted(initial)),
            remote_email=fields.noncanonical(record.email),
        )

    def _warn_of_adoption(
        self, session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord
    ) -> None:
        """Warn, once, that a list is adopted which this run has not written itself."""
        is_ours = all(session.cache.is_own_addition(spec.user, one) for one in record.accounts)
        if spec.import_id is None and not is_ours and self.operation.is_first(spec.user):
            held = f"accounts {session.cache.names(record.accounts)}" if record.accounts else "no account"
            text = f"{spec.what} exists with {held} and is adopted"
            url = self.context.sessions.conductor_url(spec.profile)
            self.warn(str(Fact(ADOPT, text, record.accounts, url=url)))

    def _warn_of_foreign(
        self,
        session: ConductorSession,
        listed: AccountAccessExclusiveSpec | AccountAccessExclusiveState,
        record: UserRecord,
    ) -> None:
        """Warn of accounts that are left unchanged because this identity cannot remove them."""
        if foreign := record.accounts - session.cache.accounts().keys() - listed.accounts:
            names = session.cache.names(foreign)
            self.warn(f"{listed.what}: left unchanged, because this identity does not own them: {names}")

    def _is_reset(self, state: AccountAccessExclusiveState) -> bool:
        left = self.left_by_reset(state.user, state.profile)
        return left is not None and left != state.accounts


def _initial_outside(spec: AccountAccessExclusiveSpec, initial: frozenset[int]) -> list[str]:
    """Return the reasons against initial accounts of a new user that its list lacks."""
    return [
        f"account_ids: {one} is an initial account of user {spec.user} and not in the list"
        for one in sorted(initial - spec.accounts)
    ]


def _require_import(session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord) -> None:
    """Refuse an import that is not exactly what is declared."""
    if canonical_email(spec.import_id or "") != spec.user:
        raise InvalidInputError(
            f"{spec.what}: import_={shown(spec.import_id)} does not match the declared user '{spec.user}'"
        )
    remote = record.accounts & (session.cache.accounts().keys() | spec.accounts)
    if remote != spec.accounts:
        raise RefusedError(
            f"{spec.what}: import_ never writes, and account_ids is {session.cache.names(remote) or 'empty'} in"
            f" Conductor but {session.cache.names(spec.accounts)} in the program: set it to the value in Conductor"
        )


def _refuse_unseen(session: ConductorSession, state: AccountAccessExclusiveState, record: UserRecord) -> None:
    """Refuse to count accounts as removed that this identity does not own: responses may hide those."""
    missing = state.accounts - record.accounts
    if missing and (unseen := missing - session.cache.accounts().keys()):
        raise RefusedError(
            f"{state.what}: accounts {session.cache.names(unseen)} are not shown to this identity, which does not"
            " own them, so nothing is changed; use the identity that owns them"
        )
