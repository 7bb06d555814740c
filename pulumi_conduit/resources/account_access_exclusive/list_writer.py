"""The writes of a whole list: what is missing is added, what is too much is removed, each in one request.

Must not know how a list is declared or recorded beyond its accounts, nor open a session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.access_writer import is_inactive
from pulumi_conduit.resources.account_access_exclusive.model import (
    AccountAccessExclusiveSpec,
    AccountAccessExclusiveState,
    taken_with_list,
)
from pulumi_conduit.resources.conductor_user.model import is_active, status_of

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.access_writer import AccessWriter

__all__ = ["ListWriter"]


class ListWriter:
    """The writes of one user's list; the caller holds the user's lock."""

    def __init__(self, writer: AccessWriter) -> None:
        """Send nothing yet."""
        self._writer, self._session = writer, writer.session
        self._context = writer.operation.context

    def write(
        self, spec: AccountAccessExclusiveSpec, record: UserRecord, recorded: frozenset[int] = frozenset()
    ) -> UserRecord:
        """Add what is missing in one request, then remove what is too much in one request; return the user before that.

        `recorded` is removed where it is not declared any more, shown or not; of an INACTIVE user who does not show
        what was just added, every other account that this identity owns is.
        """
        owned = self._session.cache.accounts().keys()
        counted = self._count(record.accounts & owned - spec.accounts)  # before anything is written
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
        """Remove what was listed, but for accounts that are wanted and those that a user without any would keep.

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
        owned = (held | wanted) & self._session.cache.accounts().keys()
        kept = removed - taken_with_list(state.accounts, wanted, owned, initial & held)
        if is_shown and not kept and owned <= removed:
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
