"""How a person is brought back without anything else coming back: grants first, then the type, the status last.

An INACTIVE user may still hold every account it ever had. So its accounts are made the declared ones while it has no
access, by adding before removing (a user that shares no account with the identity may turn 404), and it is activated
only when a GET made afterwards shows exactly those. A kill between any two calls is repaired by the next run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.conductor import ConductorHandler, user_key
from pulumi_conduit.resources.conductor_user import ConductorUserSpec, ConductorUserState, is_active, status_of
from pulumi_conduit.resources.lifecycle import REMOVES, ids_of
from pulumi_conduit.resources.policies import UserConflict

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.run import ConductorSession

__all__ = ["BringsBack"]


class BringsBack(ConductorHandler[ConductorUserSpec, ConductorUserState]):
    """The part of a user's life that leads from INACTIVE to ACTIVE."""

    def reset_grants(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> frozenset[int]:
        """Make the accounts of an INACTIVE user the declared ones; return those that it must show to be activated."""
        wanted = self._wanted(session, spec)
        foreign = self.judge_leftovers(session, spec, record)
        if missing := wanted - record.accounts:
            self.give(session, spec.email, missing)
        if extra := record.accounts - wanted - foreign:
            self.revoke(session, spec.email, extra, spec.profile)
        self.run.reset_grants[user_key(session, spec.email)] = wanted
        return wanted | foreign

    def activate_with(self, session: ConductorSession, spec: ConductorUserSpec, expected: frozenset[int]) -> None:
        """Activate a user once a GET made now shows exactly the expected accounts; writes may take a moment to show."""
        record = self.require_user(session, spec.email, spec.what, lambda seen: seen.accounts == expected)
        if record.accounts != expected:
            raise RefusedError(
                f"{spec.what}: not activated, for it shows {_listed(session, record.accounts)} instead of"
                f" {_listed(session, expected)}; have its accounts put right, then run again"
            )
        self.activate(session, spec.email)

    def judge_return(self, spec: ConductorUserSpec) -> None:
        """Refuse in a plan a return that would come with accounts that nobody here can take away."""
        if self.run.settings.has_conductor(spec.profile):
            self._promise_grants(self.run.conductor(spec.profile), spec)
        reasons = self.verified_here(spec.profile, lambda: self._look_at_leftovers(spec))
        if reasons:
            raise RefusedError("; ".join(reasons))

    def _look_at_leftovers(self, spec: ConductorUserSpec) -> list[str]:
        session = self.run.conductor(spec.profile)
        record = session.view.find(spec.email)
        if record is not None and not is_active(status_of(record)):
            self.judge_leftovers(session, spec, record)
        return []

    def _promise_grants(self, session: ConductorSession, spec: ConductorUserSpec) -> None:
        """Note in a preview what a reactivation would leave, so that the other grants show as owed again."""
        self.run.reset_grants[user_key(session, spec.email)] = self._wanted(session, spec)

    def _wanted(self, session: ConductorSession, spec: ConductorUserSpec) -> frozenset[int]:
        return frozenset(spec.initial_accounts) | self.run.ledger.declared_accounts(session.place, spec.email)

    def judge_leftovers(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> frozenset[int]:
        """Return the leftover accounts that this identity does not own, where the policy accepts them; say the rest."""
        leftover = record.accounts - self._wanted(session, spec)
        foreign = leftover - session.view.accounts().keys()
        if foreign and spec.on_conflict != UserConflict.ADOPT.value:
            raise RefusedError(
                f"{spec.what}: not brought back, for it still holds {_listed(session, foreign)}, which this identity"
                " does not own and cannot take away; have them removed, or set on_conflict='adopt' to accept them"
            )
        if foreign and self.run.is_first(f"{self.operation.urn} comes back with {sorted(foreign)}"):
            self.warn(f"{spec.what}: comes back with {_listed(session, foreign)}, which this identity does not own")
        if (removed := leftover - foreign) and self.run.is_first(f"{self.operation.urn} loses {sorted(removed)}"):
            names = session.view.names(removed)
            self.warn(f"{REMOVES}: accounts {ids_of(removed)}: {spec.what}: left over, will be removed: {names}")
        return foreign


def _listed(session: ConductorSession, accounts: frozenset[int]) -> str:
    return f"accounts {session.view.names(accounts)}" if accounts else "no account"
