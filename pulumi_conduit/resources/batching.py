"""Several that want the same of one user, served by one call: group commit.

Whoever gets the user's turn works for all that have come by then; the others, waiting for that turn, find it done. So
nobody waits but for a call that is under way. Must not know what is done, nor how.
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
_ABOUT_NO_ACCOUNT = (401, 408, 429)


@dataclass(eq=False)
class _Member(Generic[T]):
    account_id: int
    outcome: T | ConduitError | None = None


class Batch(Generic[T]):
    """Those that want the same of one user, each for an account; for any number of threads."""

    def __init__(self) -> None:
        """Begin without anybody."""
        self._lock = Lock()
        self._here: list[_Member[T]] = []
        self._came: set[int] = set()
        self.is_in_doubt = False
        """Whether somebody ran out of time over a call that may have had its effect."""
        self.counted: set[int] = set()
        """The accounts that were counted against a limit for a call that is not known to have been made."""

    def join(
        self,
        account_id: int,
        turn: AbstractContextManager[None],
        lead: Callable[[], Mapping[int, T | ConduitError]],
    ) -> T:
        """Return or raise what comes of one account.

        Whoever has the turn and finds its account not served yet leads: for as many of `accounts` as its outcomes name.
        When it fails altogether, the others lead for themselves.
        """
        member = self._enter(account_id)
        try:
            with turn:
                if member.outcome is None:
                    self._settle(lead)
        except DeadlineExceededError:
            if member.outcome is None:  # else it was served while it waited for the turn
                raise
        finally:
            self._leave(member)
        if isinstance(member.outcome, ConduitError):
            raise copy_error(member.outcome)
        return cast("T", member.outcome)

    def accounts(self) -> frozenset[int]:
        """Return the accounts of those that are here and not served yet."""
        with self._lock:
            return frozenset(member.account_id for member in self._here if member.outcome is None)

    def lacks(self, expected: frozenset[int]) -> bool:
        """Say whether somebody who is expected has never come."""
        with self._lock:
            return not expected <= self._came

    def _enter(self, account_id: int) -> _Member[T]:
        member = _Member[T](account_id)
        with self._lock:
            self._here.append(member)
            self._came.add(account_id)
        return member

    def _leave(self, member: _Member[T]) -> None:
        with self._lock:
            self._here.remove(member)

    def _settle(self, lead: Callable[[], Mapping[int, T | ConduitError]]) -> None:
        try:
            outcomes = lead()
        except DeadlineExceededError:
            self.is_in_doubt = True  # the others have time of their own, but must look before they write
            raise
        self.is_in_doubt = False
        with self._lock:
            for member in self._here:
                member.outcome = outcomes.get(member.account_id, member.outcome)


def write_batch(
    accounts: frozenset[int],
    write: Callable[[frozenset[int]], frozenset[int]],
    look: Callable[[], frozenset[int]],
    *,
    is_addition: bool,
) -> dict[int, frozenset[int] | ConduitError]:
    """Return for each account what its user has after one write for all of them, or the account's own error.

    A refusal that may be about one account is found out one by one. What may have been done is never sent again: one
    look tells for which accounts it was.
    """
    if not accounts:
        return {}
    error = _tried(accounts, write)
    if len(accounts) == 1 or isinstance(error, frozenset):
        return dict.fromkeys(accounts, error)
    if isinstance(error, OutcomeUnknownError):
        seen = _tried(accounts, lambda _: look())
        if isinstance(seen, frozenset):
            return {one: seen if (one in seen) is is_addition else error for one in accounts}
    if isinstance(error, HTTPStatusError) and error.status < 500 and error.status not in _ABOUT_NO_ACCOUNT:
        return {one: _tried(frozenset({one}), write) for one in sorted(accounts)}
    return dict.fromkeys(accounts, error)


def _tried(
    accounts: frozenset[int], write: Callable[[frozenset[int]], frozenset[int]]
) -> frozenset[int] | ConduitError:
    try:
        return write(accounts)
    except DeadlineExceededError:
        raise
    except ConduitError as error:
        return error
