"""Several operations with one aim for one user, served by one request: group commit.

The operation that gets the user's lock works for all that have joined by then; the others, waiting for that lock, find
it done. So none waits but for a request that is under way. Must not know what is done, nor how.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from pulumi_conduit.api.error_mapping import copy_error
from pulumi_conduit.errors import ConduitError, DeadlineExceededError, HTTPStatusError, OutcomeUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

__all__ = ["Batch", "write_batch"]

T = TypeVar("T")
_NOT_ABOUT_AN_ACCOUNT = (401, 408, 429)


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

        The member that gets the lock and has no outcome yet leads, for as many of `accounts` as its outcomes name. When
        it fails altogether, the others lead for themselves.
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
