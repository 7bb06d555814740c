"""Grants of one user that are made or removed together: one look, one call, and each its own outcome.

Must not know how a grant is declared or recorded, nor judge what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.errors import ConduitError, DeadlineExceededError, RefusedError
from pulumi_conduit.resources.batching import write_batch
from pulumi_conduit.resources.conductor import ConductorHandler, user_key
from pulumi_conduit.resources.fields import canonical_email
from pulumi_conduit.resources.lifecycle import SpecT, StateT
from pulumi_conduit.resources.removal import Removal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.batching import Batch
    from pulumi_conduit.resources.sessions import ConductorSession

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
    """A user before a call for several grants, and its accounts after it; None for a user that no response knows."""

    before: UserRecord | None
    after: frozenset[int] | None

    def has_shown(self, account_id: int) -> bool:
        """Say whether the user showed an account before the call."""
        return self.before is not None and account_id in self.before.accounts


class SharesCalls(ConductorHandler[SpecT, StateT]):
    """The part of a grant's life in which it goes together with others of its user."""

    def added(self, session: ConductorSession, grant: Grant, *, is_owed: bool = False) -> Shared:
        """Add an account to a user who has not got it, with all that are to be added at this moment.

        For one that is owed after a reactivation, a fresh look comes first.
        """
        gathering: Batch[Shared] = self._gathering("owe" if is_owed else "add", session, grant)

        def lead() -> dict[int, Shared | ConduitError]:
            self._await_company(session, grant, gathering)
            record = None if is_owed or gathering.is_in_doubt else session.cache.find(grant.user, session.address)
            record = record or self.require_user(session, grant.user, grant.what)
            return self._add(session, grant, record, gathering.accounts())

        return gathering.join(grant.account_id, self.context.user_locks.lock(user_key(session, grant.user)), lead)

    def removed(self, session: ConductorSession, grant: Grant) -> Shared:
        """Remove an account from a user, with all that are to be removed at this moment.

        Sent for an account that is not shown, too, but not for one that is neither shown nor owned by this identity.
        """
        gathering: Batch[Shared] = self._gathering("remove", session, grant)

        def lead() -> Mapping[int, Shared | ConduitError]:
            looked_for = set(gathering.accounts())

            def suits(seen: UserRecord) -> bool:
                looked_for.update(gathering.accounts())
                return looked_for <= seen.accounts

            removal = Removal(self, session, grant.user)
            record = removal.look(suits)
            looked_for.update(gathering.accounts())
            return self._remove(removal, grant, record, frozenset(looked_for), gathering.counted)

        return gathering.join(grant.account_id, self.context.user_locks.lock(user_key(session, grant.user)), lead)

    def _gathering(self, aim: str, session: ConductorSession, grant: Grant) -> Batch[Shared]:
        """Return where those meet that want the same of one user, under one spelling of its address."""
        return self.context.batches.get(aim, grant.profile, session.address or grant.user)

    def _await_company(self, session: ConductorSession, grant: Grant, gathering: Batch[Shared]) -> None:
        """Wait a moment for grants that this run has checked and not made yet; a lone grant waits for nobody."""
        for _ in range(_NAPS):
            if not gathering.lacks(self.context.registry.awaited_accounts(session.tenant, grant.user)):
                return
            self.context.sleep(_NAP_S)

    def _add(
        self, session: ConductorSession, grant: Grant, record: UserRecord, accounts: frozenset[int]
    ) -> dict[int, Shared | ConduitError]:
        record = self._confirmed(session, record, accounts)
        missing = accounts - record.accounts
        try:
            given = write_batch(
                missing,
                lambda those: self.give(session, grant.user, those),
                lambda: self.require_user(session, grant.user, grant.what, looks=1).accounts,
                is_addition=True,
            )
        except DeadlineExceededError:
            session.cache.record_given(grant.user, missing)  # what the next one finds there may be ours
            raise
        session.cache.record_given(grant.user, _done(given))
        return _shared(record, accounts, given)

    def _confirmed(self, session: ConductorSession, record: UserRecord, accounts: frozenset[int]) -> UserRecord:
        """Return a user with those of the accounts only that need no write: a GET shows them after the last write.

        What a list shows, and what this process has removed itself and sees again, may be old: a write decides then.
        """
        email = canonical_email(record.email)
        if accounts & record.accounts and not session.cache.is_confirmed(email):
            record = session.cache.fetch(email, session.address) or record.model_copy(update={"accounts": frozenset()})
        return record.model_copy(update={"accounts": record.accounts - session.writes.removed(email)})

    def _remove(
        self,
        removal: Removal,
        grant: Grant,
        record: UserRecord | None,
        accounts: frozenset[int],
        counted: set[int],
    ) -> dict[int, Shared | ConduitError]:
        """Send one removal for all: the API ignores an account that is not there, and what it shows may be hidden."""
        held = record.accounts & accounts if record else frozenset[int]()
        over = {one: error for one in sorted(held - counted) if (error := self._limit_on(grant, one))}
        counted |= held - over.keys()
        sent = _removable(removal.session, held, accounts) - over.keys()
        if record is None:
            left = removal.send(sent, None) if sent else None
            return dict.fromkeys(accounts, Shared(None, left))
        taken = write_batch(
            sent,
            lambda those: removal.send(those, record) or frozenset(),
            lambda: self.require_user(removal.session, grant.user, grant.what, looks=1).accounts,
            is_addition=False,
        )
        counted.difference_update(taken)
        return _shared(record, accounts, taken | over)

    def _limit_on(self, grant: Grant, account_id: int) -> RefusedError | None:
        try:
            self.spend_revocations(grant.user, frozenset({account_id}), grant.profile)
        except RefusedError as error:
            return error
        return None


def _removable(session: ConductorSession, held: frozenset[int], accounts: frozenset[int]) -> frozenset[int]:
    """Return the accounts whose removal may be sent: those that are shown, and of the others those owned."""
    unseen = accounts - held
    return held | (unseen & session.cache.accounts().keys() if unseen else unseen)


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
