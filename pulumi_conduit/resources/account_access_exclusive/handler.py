"""All accounts of one user, authoritatively: writes differences from a fresh read, never a blind replace.

Accounts that the identity does not own may be hidden from it, so they are left unchanged.

`ListWriter` sends the writes: what is missing is added, what is too much is removed, each in one request. It knows
nothing of how a list is declared or recorded beyond its accounts, and opens no session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import InvalidInputError, RefusedError, shown
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.access_writer import FEW_POLLS, is_inactive
from pulumi_conduit.resources.account_access import grant_key
from pulumi_conduit.resources.account_access_exclusive.model import (
    PROPERTIES,
    AccountAccessExclusiveSpec,
    AccountAccessExclusiveState,
    taken_with_list,
)
from pulumi_conduit.resources.conductor_handler import ConductorHandler, admin_reason
from pulumi_conduit.resources.conductor_user.model import is_active, status_of
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import Properties, canonical_email, from_properties, is_unknown
from pulumi_conduit.resources.lifecycle import Diff, changed_names, profile_moves
from pulumi_conduit.warnings import ADOPT, CodedWarning, give_warning, revoke_warning

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.access_writer import AccessWriter
    from pulumi_conduit.resources.limits import Missing
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["AccountAccessExclusiveHandler", "ListWriter"]


class ListWriter:
    """The writes of one user's list; the caller holds the user's lock."""

    def __init__(self, writer: AccessWriter) -> None:
        """Send nothing yet."""
        self._writer, self._session = writer, writer.session
        self._context = writer.operation.context

    def write(
        self, spec: AccountAccessExclusiveSpec, record: UserRecord, recorded: frozenset[int] = frozenset()
    ) -> UserRecord:
        """Add what is missing in one request, then remove what is not declared in one request.

        Return the user as it was before the removal.

        `recorded` is removed where it is not declared any more, shown or not; of an INACTIVE user who does not show
        what was just added, every other account that this identity owns is.
        """
        owned = self._session.cache.accounts().keys()
        counted = self._count((record.accounts & owned) - spec.accounts)  # before anything is written
        shown = record.accounts
        if missing := spec.accounts - (record.accounts - self._session.writes.removed(spec.user)):
            shown = self._add(spec, record, missing)
            record = record.model_copy(update={"accounts": shown | record.accounts})
        is_hidden = is_inactive(record) and not spec.accounts <= shown
        suspected = frozenset(owned) if is_hidden else record.accounts | recorded
        if extra := (suspected & owned) - spec.accounts:
            self._count((extra & record.accounts) - counted)
            self._remove(record, extra)
        self._context.reset_grants.pop(self._session.user_key(spec.user), None)
        return record

    def remove(self, state: AccountAccessExclusiveState, record: UserRecord | None, wanted: frozenset[int]) -> bool:
        """Remove what was listed, but for accounts that other resources declare and those of `_kept`.

        Say whether any response knows the user.
        """
        self._writer.require_owned(state.accounts - wanted)
        kept = self._kept(state, record, wanted)
        removed = state.accounts - wanted - kept
        is_found = True
        if record is None:
            is_found = bool(removed) and self._writer.remove_or_miss(removed, None) is not None
        elif removed:
            self._count(removed & record.accounts)
            self._remove(record, removed)
        if is_found:
            self._say_removed(state, removed, kept)
        return is_found

    def _say_removed(self, state: AccountAccessExclusiveState, removed: frozenset[int], kept: frozenset[int]) -> None:
        """Say what was done; warn of what the user keeps without a grant."""
        names = self._session.cache.names
        done = f"{state.what}: removed: {names(removed) or 'nothing'}"
        if kept:
            self._writer.operation.warn(
                f"{done}; user {state.user} keeps accounts {names(kept)} of its initial_accounts, because it would have"
                " no account that this identity owns without them; no grant of the stack's state holds them"
            )
        else:
            self._writer.operation.inform(done)

    def _add(self, spec: AccountAccessExclusiveSpec, record: UserRecord, missing: frozenset[int]) -> frozenset[int]:
        """Add accounts and return what the user shows then; RefusedError where an ACTIVE one lacks a declared one."""
        shown = self._writer.add(missing)
        if is_active(status_of(record)) and (lacking := spec.accounts - shown):
            names = self._session.cache.names(lacking)
            raise RefusedError(f"{spec.what}: the API accepted the grant of {names} but does not show it")
        return shown

    def _count(self, lost: frozenset[int]) -> frozenset[int]:
        """Count accounts that the user shows and loses against the limit, and return them."""
        if lost:
            self._writer.count_revocations(lost)
        return lost

    def _remove(self, record: UserRecord, accounts: frozenset[int]) -> None:
        """Remove accounts, shown or not."""
        self._writer.require_removed(accounts, self._writer.remove_or_miss(accounts, record) or frozenset())

    def _kept(
        self, state: AccountAccessExclusiveState, record: UserRecord | None, wanted: frozenset[int]
    ) -> frozenset[int]:
        """Return the initial accounts that are left to a user who would have no account of this identity without.

        RefusedError where an ACTIVE user holds none of them. What an INACTIVE user does not show counts as held.
        """
        is_shown = record is not None and not is_inactive(record)
        held = (record.accounts if record else frozenset()) | (frozenset() if is_shown else state.accounts)
        removed, initial = state.accounts - wanted, self._initial(state)
        held_owned = (held | wanted) & self._session.cache.accounts().keys()
        kept = removed - taken_with_list(state.accounts, wanted, held_owned, initial & held)
        if is_shown and not kept and held_owned <= removed:
            raise RefusedError(self._left_without(state, held, initial))
        return kept

    def _initial(self, state: AccountAccessExclusiveState) -> frozenset[int]:
        declared = self._context.registry.accounts(self._session.user_key(state.user))
        return declared or frozenset(state.initial_accounts)

    def _left_without(self, state: AccountAccessExclusiveState, held: frozenset[int], initial: frozenset[int]) -> str:
        """Return the reason against the removal of a list that would leave its user without an account."""
        names = self._session.cache.names
        return (
            f"{state.what}: not removed, because user {state.user} is ACTIVE and would have no account that this"
            f" identity owns: it holds {names(held) or 'no account'}, and of initial_accounts"
            f" ({names(initial) or 'not known here'}) none. Declare a UserAccountAccess for an account that it keeps,"
            " or set the user INACTIVE, and run again; or set retain_on_delete on the list in an `up` of its own first"
        )


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
        # Asked after declaring: a grant that comes now sees the list.
        if registry.has_single_grants(key.tenant, spec.user):
            reasons.append(f"{spec.what}: this program also declares single grants for the user; use one kind")
        is_same = old.get("user") == spec.user
        owner = Key(key.tenant, Kind.USER, spec.user)
        if not is_same and self.context.planned_users.is_new(owner):
            reasons += _initial_outside(spec, registry.accounts(owner) or frozenset())
        if is_same and list(old.get("accountIds", ())) == list(spec.account_ids):
            return reasons
        before = frozenset(old.get("accountIds", ())) if is_same else frozenset[int]()
        return reasons + self.compare_with_conductor(
            spec.profile, lambda: self._compare_and_warn(spec, before, is_new=not is_same)
        )

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
            if reason := _not_removable(session, state.accounts - spec.accounts):
                raise RefusedError(f"{spec.what}: {reason}")
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

    def _compare_and_warn(self, spec: AccountAccessExclusiveSpec, before: frozenset[int], *, is_new: bool) -> list[str]:
        """Return the reasons that Conductor gives, and warn of removals; `before` is what the program listed before."""
        session = self.context.sessions.conductor(spec.profile)
        owned = session.cache.accounts()
        reasons = [session.cache.not_owned("account_ids", one) for one in spec.account_ids if one not in owned]
        if reason := _not_removable(session, before - spec.accounts):
            reasons.append(f"account_ids: {reason}")
        record = session.cache.from_list(spec.user)
        if record is None and not self.context.registry.is_declared(session.user_key(spec.user)):
            record = session.cache.fetch(spec.user)
            if record is None:
                reasons.append(f"user: {spec.user} is not found in Conductor and not declared before this")
        if record is not None and record.type == UserType.ADMIN.value:
            reasons.append(admin_reason(spec.user))
        elif record is not None:
            self._warn_of_changes(session, spec, record, spec.accounts & before, is_new=is_new)
        return reasons

    def _warn_of_changes(
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
            self.warn(revoke_warning(removed, f"{spec.what}: will be removed: {names}"))
        if (missing := kept - record.accounts) and not is_inactive(record):
            names = session.cache.names(missing)
            self.warn(
                give_warning(missing, f"{spec.what}: were removed outside of Pulumi, will be added again: {names}")
            )
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
            self.warn(str(CodedWarning(ADOPT, text, record.accounts, url=url)))

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


def _not_removable(session: ConductorSession, accounts: frozenset[int]) -> str | None:
    """Return the reason against giving up accounts, if this identity cannot remove one of them."""
    if not (foreign := accounts - session.cache.accounts().keys()):
        return None
    return (
        f"{session.cache.names(foreign)} left the list, but this identity does not own them and cannot remove them, so"
        " nothing is changed; keep them in the list, or remove them with the identity that owns them"
    )


def _refuse_unseen(session: ConductorSession, state: AccountAccessExclusiveState, record: UserRecord) -> None:
    """Refuse to count accounts as removed that this identity does not own: responses may hide those."""
    missing = state.accounts - record.accounts
    if missing and (unseen := missing - session.cache.accounts().keys()):
        raise RefusedError(
            f"{state.what}: accounts {session.cache.names(unseen)} are not shown to this identity, which does not"
            " own them, so nothing is changed; use the identity that owns them"
        )
