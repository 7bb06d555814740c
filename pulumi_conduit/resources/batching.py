"""Operations with one aim for one user, served by one request: group commit, and its use for grants.

The operation that gets the user's lock works for all that have joined by then; the others, waiting for that lock, find
it done. They wait for a request in progress, and at most 20 ms for grants that the run has checked and not added yet
(`BatchedAccess._await_others`); what has one aim for one user shares a request (`_batch`). An exclusive list needs no
batch. Must not know how a grant is declared or recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from pulumi_conduit.api.error_mapping import copy_error
from pulumi_conduit.errors import (
    ConduitError,
    DeadlineExceededError,
    HTTPStatusError,
    OutcomeUnknownError,
    RefusedError,
)
from pulumi_conduit.resources.fields import canonical_email

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.access_writer import AccessWriter
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["Batch", "BatchOutcome", "BatchedAccess", "write_batch"]

T = TypeVar("T")
_NOT_ABOUT_AN_ACCOUNT = (401, 408, 429)
_WAITS = 10
_WAIT_S = 0.002  # ten times: the 20 ms


@dataclass(eq=False)
class _Member(Generic[T]):
    account_id: int
    outcome: T | ConduitError | None = None


class Batch(Generic[T]):
    """Operations with one aim for one user, each for one account; for any number of threads."""

    def __init__(self) -> None:
        """Begin without a member."""
        self._lock = Lock()
        self._members: list[_Member[T]] = []
        self._joined: set[int] = set()
        self.is_in_doubt = False
        """Whether a leader ran out of time over a request that may have had its effect."""
        self.counted: set[int] = set()
        """The accounts that were counted against a limit for a request that is not known to have been sent."""

    def join(
        self,
        account_id: int,
        lock: AbstractContextManager[None],
        lead: Callable[[], Mapping[int, T | ConduitError]],
    ) -> T:
        """Return or raise the outcome of one account.

        The member that gets the lock and has no outcome yet leads, for as many of `accounts()` as its outcomes name.
        When it fails altogether, the others lead for themselves.
        """
        member = self._enter(account_id)
        try:
            with lock:
                if member.outcome is None:
                    self._settle(lead)
        except DeadlineExceededError:
            if member.outcome is None:  # else it was served while it waited for the lock
                raise
        finally:
            self._leave(member)
        if isinstance(member.outcome, ConduitError):
            raise copy_error(member.outcome)
        return cast("T", member.outcome)

    def accounts(self) -> frozenset[int]:
        """Return the accounts of the members without an outcome."""
        with self._lock:
            return frozenset(member.account_id for member in self._members if member.outcome is None)

    def lacks(self, expected: frozenset[int]) -> bool:
        """Say whether an expected account has never joined."""
        with self._lock:
            return not expected <= self._joined

    def _enter(self, account_id: int) -> _Member[T]:
        member = _Member[T](account_id)
        with self._lock:
            self._members.append(member)
            self._joined.add(account_id)
        return member

    def _leave(self, member: _Member[T]) -> None:
        with self._lock:
            self._members.remove(member)

    def _settle(self, lead: Callable[[], Mapping[int, T | ConduitError]]) -> None:
        try:
            outcomes = lead()
        except DeadlineExceededError:
            self.is_in_doubt = True  # the others have time of their own, but must read before they write
            raise
        self.is_in_doubt = False
        with self._lock:
            for member in self._members:
                member.outcome = outcomes.get(member.account_id, member.outcome)


def write_batch(
    accounts: frozenset[int],
    write: Callable[[frozenset[int]], frozenset[int]],
    read: Callable[[], frozenset[int]],
    *,
    is_addition: bool,
) -> dict[int, frozenset[int] | ConduitError]:
    """Return for each account what its user has after one write for all of them, or the account's own error.

    After a refusal that may be about one account, each is tried by itself. What may have been done is never sent again:
    one read shows for which accounts it was.
    """
    if not accounts:
        return {}
    error = _outcome_of(accounts, write)
    if len(accounts) == 1 or isinstance(error, frozenset):
        return dict.fromkeys(accounts, error)
    if isinstance(error, OutcomeUnknownError):
        seen = _outcome_of(accounts, lambda _: read())
        if isinstance(seen, frozenset):
            return {one: seen if (one in seen) is is_addition else error for one in accounts}
    if isinstance(error, HTTPStatusError) and error.status < 500 and error.status not in _NOT_ABOUT_AN_ACCOUNT:
        return {one: _outcome_of(frozenset({one}), write) for one in sorted(accounts)}
    return dict.fromkeys(accounts, error)


def _outcome_of(
    accounts: frozenset[int], write: Callable[[frozenset[int]], frozenset[int]]
) -> frozenset[int] | ConduitError:
    try:
        return write(accounts)
    except DeadlineExceededError:
        raise
    except ConduitError as error:
        return error


@dataclass(frozen=True)
class BatchOutcome:
    """A user before a write for several grants, and its accounts after it; None for a user that is not found."""

    before: UserRecord | None
    after: frozenset[int] | None

    def has_shown(self, account_id: int) -> bool:
        """Say whether the user showed an account before the write."""
        return self.before is not None and account_id in self.before.accounts


class BatchedAccess:
    """One grant, which is added or removed together with the others that its user is to gain or lose now."""

    def __init__(self, writer: AccessWriter, account_id: int) -> None:
        """Send nothing yet."""
        self._writer, self._account_id = writer, account_id
        self._session, self._context = writer.session, writer.operation.context

    def add(self, *, after_reset: bool = False) -> BatchOutcome:
        """Add the account to a user who has not got it.

        For one that a reactivation in this run has left out, a GET made now comes first.
        """
        batch = self._batch("add after reset" if after_reset else "add")

        def lead() -> dict[int, BatchOutcome | ConduitError]:
            self._await_others(batch)
            record = None if after_reset or batch.is_in_doubt else self._find()
            return self._add(record or self._writer.require_user(), batch.accounts())

        return self._join(batch, lead)

    def remove(self) -> BatchOutcome:
        """Remove the account from a user.

        Sent for an account that is not shown, too, but not for one that is neither shown nor owned by this identity.
        """
        batch = self._batch("remove")

        def lead() -> Mapping[int, BatchOutcome | ConduitError]:
            expected = set(batch.accounts())

            def suits(seen: UserRecord) -> bool:
                expected.update(batch.accounts())
                return expected <= seen.accounts

            record = self._writer.find_for_removal(suits)
            expected.update(batch.accounts())
            return self._remove(record, frozenset(expected), batch.counted)

        return self._join(batch, lead)

    def _batch(self, aim: str) -> Batch[BatchOutcome]:
        """Return the batch of what has one aim for one user, under one spelling of its address."""
        return self._context.batches.get(aim, self._writer.profile, self._session.address or self._writer.email)

    def _join(
        self, batch: Batch[BatchOutcome], lead: Callable[[], Mapping[int, BatchOutcome | ConduitError]]
    ) -> BatchOutcome:
        lock = self._context.user_locks.lock(self._session.user_key(self._writer.email))
        return batch.join(self._account_id, lock, lead)

    def _await_others(self, batch: Batch[BatchOutcome]) -> None:
        """Wait a moment for grants that this run has checked and not added yet; a single grant waits for none."""
        for _ in range(_WAITS):
            if not batch.lacks(self._context.registry.awaited_accounts(self._session.tenant, self._writer.email)):
                return
            self._context.sleep(_WAIT_S)

    def _find(self) -> UserRecord | None:
        return self._session.cache.find(self._writer.email, self._session.address)

    def _add(self, record: UserRecord, accounts: frozenset[int]) -> dict[int, BatchOutcome | ConduitError]:
        cache, email = self._session.cache, self._writer.email
        record = _confirmed(self._session, record, accounts)
        missing = accounts - record.accounts
        try:
            added = write_batch(missing, self._writer.add, self._accounts_now, is_addition=True)
        except DeadlineExceededError:
            cache.record_own_addition(email, missing)  # a later GET may find there what this write has added
            raise
        cache.record_own_addition(email, _succeeded(added))
        return _outcomes(record, accounts, added)

    def _remove(
        self, record: UserRecord | None, accounts: frozenset[int], counted: set[int]
    ) -> Mapping[int, BatchOutcome | ConduitError]:
        """Remove as many accounts as the limit allows; `counted` are those that an attempt before has counted."""
        held = record.accounts & accounts if record else frozenset[int]()
        over = {one: error for one in sorted(held - counted) if (error := self._limit_on(one))}
        counted |= held - over.keys()
        sent = _removable(self._session, held, accounts) - over.keys()
        if record is None:
            left = self._writer.remove_or_miss(sent, None) if sent else None
            return dict.fromkeys(accounts, BatchOutcome(None, left))
        removed = write_batch(
            sent,
            lambda those: self._writer.remove_or_miss(those, record) or frozenset(),
            self._accounts_now,
            is_addition=False,
        )
        counted.difference_update(removed)
        return _outcomes(record, accounts, removed | over)

    def _accounts_now(self) -> frozenset[int]:
        return self._writer.require_user(polls=1).accounts

    def _limit_on(self, account_id: int) -> RefusedError | None:
        try:
            self._writer.count_revocations(frozenset({account_id}))
        except RefusedError as error:
            return error
        return None


def _confirmed(session: ConductorSession, record: UserRecord, accounts: frozenset[int]) -> UserRecord:
    """Return a user with those of the accounts only that need no write: a GET shows them after the last write.

    What a list shows, and what this process has removed itself and sees again, may be old: a write decides then.
    """
    email = canonical_email(record.email)
    if accounts & record.accounts and not session.cache.is_confirmed(email):
        record = session.cache.fetch(email, session.address) or record.model_copy(update={"accounts": frozenset()})
    return record.model_copy(update={"accounts": record.accounts - session.writes.removed(email)})


def _removable(session: ConductorSession, held: frozenset[int], accounts: frozenset[int]) -> frozenset[int]:
    """Return the accounts whose removal may be sent: those that are shown, and of the others those owned."""
    unseen = accounts - held
    return held | (unseen & session.cache.accounts().keys() if unseen else unseen)


def _succeeded(outcomes: Mapping[int, frozenset[int] | ConduitError]) -> list[int]:
    return [one for one, outcome in outcomes.items() if isinstance(outcome, frozenset)]


def _outcomes(
    record: UserRecord, accounts: frozenset[int], written: Mapping[int, frozenset[int] | ConduitError]
) -> dict[int, BatchOutcome | ConduitError]:
    """Return the outcome of each grant; those that needed no write find the user as it was."""
    return {
        one: outcome if isinstance(outcome, ConduitError) else BatchOutcome(record, outcome)
        for one, outcome in ((one, written.get(one, record.accounts)) for one in accounts)
    }
