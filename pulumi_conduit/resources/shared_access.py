"""Grants of one user that are made or removed together: one look, one call, and each its own outcome.

Must not know how a grant is declared or recorded, nor judge what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.errors import ConduitError, DeadlineExceeded, RefusedError
from pulumi_conduit.resources.conductor import FEW_LOOKS, ConductorHandler, user_key
from pulumi_conduit.resources.lifecycle import SpecT, StateT
from pulumi_conduit.resources.together import in_one_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.run import ConductorSession
    from pulumi_conduit.resources.together import Gathering

__all__ = ["Shared", "SharesCalls"]

_NAPS = 10
_NAP_S = 0.002


class Grant(Protocol):
    """What a call for a grant needs to know of it."""

    @property
    def user(self) -> str:
        """Return the canonical email."""

    @property
    def account_id(self) -> int:
        """Return the account."""

    @property
    def profile(self) -> str | None:
        """Return the profile."""

    @property
    def what(self) -> str:
        """Name it in messages."""


@dataclass(frozen=True)
class Shared:
    """A user as it was before a call for several grants, None when it is not seen, and its accounts after it."""

    before: UserRecord | None
    after: frozenset[int]


class SharesCalls(ConductorHandler[SpecT, StateT]):
    """The part of a grant's life in which it goes together with others of its user."""

    def added(self, session: ConductorSession, grant: Grant, *, is_owed: bool = False) -> Shared:
        """Add an account to a user who has not got it, with all that are to be added at this moment.

        For one that is owed after a reactivation, a fresh look comes first.
        """
        gathering: Gathering[Shared] = self.run.gathering("owe" if is_owed else "add", grant.profile, grant.user)

        def lead() -> dict[int, Shared | ConduitError]:
            self._await_company(session, grant, gathering)
            record = None if is_owed or gathering.is_in_doubt else session.view.find(grant.user)
            record = record or self.require_user(session, grant.user, grant.what)
            return self._add(session, grant, record, gathering.accounts())

        return gathering.join(grant.account_id, self.run.turn(user_key(session, grant.user)), lead)

    def removed(self, session: ConductorSession, grant: Grant) -> Shared:
        """Take an account from a user who has got it, with all that are to be taken at this moment."""
        gathering: Gathering[Shared] = self.run.gathering("remove", grant.profile, grant.user)

        def lead() -> Mapping[int, Shared | ConduitError]:
            looked_for = set(gathering.accounts())

            def suits(seen: UserRecord) -> bool:
                looked_for.update(gathering.accounts())
                return looked_for <= seen.accounts

            record = self.look_until(session, grant.user, suits, looks=FEW_LOOKS)
            if record is None:
                return dict.fromkeys(gathering.accounts(), Shared(None, frozenset()))
            # Whoever came after the last look is served if it shows the account, else it gets looks of its own.
            looked_for |= gathering.accounts() & record.accounts
            return self._remove(session, grant, record, looked_for, gathering.counted)

        return gathering.join(grant.account_id, self.run.turn(user_key(session, grant.user)), lead)

    def _await_company(self, session: ConductorSession, grant: Grant, gathering: Gathering[Shared]) -> None:
        """Wait a moment for grants that this run has checked and not made yet; a lone grant waits for nobody."""
        for _ in range(_NAPS):
            if not gathering.lacks(self.run.ledger.awaited_accounts(session.place, grant.user)):
                return
            self.run.sleep(_NAP_S)

    def _add(
        self, session: ConductorSession, grant: Grant, record: UserRecord, accounts: frozenset[int]
    ) -> dict[int, Shared | ConduitError]:
        missing = accounts - record.accounts
        try:
            given = in_one_call(
                missing,
                lambda those: self.give(session, grant.user, those),
                lambda: self.require_user(session, grant.user, grant.what, looks=1).accounts,
                is_addition=True,
            )
        except DeadlineExceeded:
            session.view.note_given(grant.user, missing)  # what the next one finds there may be ours
            raise
        session.view.note_given(grant.user, _done(given))
        return _shared(record, accounts, given)

    def _remove(
        self, session: ConductorSession, grant: Grant, record: UserRecord, accounts: set[int], counted: set[int]
    ) -> dict[int, Shared | ConduitError]:
        held = sorted(record.accounts & accounts)
        refused = {one: error for one in held if one not in counted and (error := self._limit_on(grant, one))}
        counted.update(one for one in held if one not in refused)
        taken = in_one_call(
            frozenset(held) - refused.keys(),
            lambda those: self.take(session, grant.user, those),
            lambda: self.require_user(session, grant.user, grant.what, looks=1).accounts,
            is_addition=False,
        )
        counted.difference_update(taken)
        return _shared(record, accounts, taken | refused)

    def _limit_on(self, grant: Grant, account_id: int) -> RefusedError | None:
        try:
            self.spend_revocations(grant.user, frozenset({account_id}), grant.profile)
        except RefusedError as error:
            return error
        return None


def _done(outcomes: Mapping[int, frozenset[int] | ConduitError]) -> list[int]:
    return [one for one, outcome in outcomes.items() if isinstance(outcome, frozenset)]


def _shared(
    record: UserRecord, accounts: frozenset[int] | set[int], outcomes: Mapping[int, frozenset[int] | ConduitError]
) -> dict[int, Shared | ConduitError]:
    """Return what each grant is told; those that no call was made for find the user as it was."""
    return {
        one: outcome if isinstance(outcome, ConduitError) else Shared(record, outcome)
        for one, outcome in ((one, outcomes.get(one, record.accounts)) for one in accounts)
    }
