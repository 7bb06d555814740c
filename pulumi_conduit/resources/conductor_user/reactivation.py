"""How a user is reactivated with exactly what the program declares: accounts first, then the type, the status last.

An INACTIVE user may still hold every account it ever had, and the API may hide them. So its accounts are made the
declared ones while it has no access, by adding before removing (a user that shares no account with the identity may
turn 404), and it is set ACTIVE only when a GET made afterwards shows exactly those. Nothing that the program declares
is taken away, whether this run comes to it or not. A kill between any two requests is repaired by the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserConflict, UserStatus
from pulumi_conduit.errors import ConduitError, NotFoundError, RefusedError, escaped
from pulumi_conduit.resources.conductor import MANY_POLLS, ConductorHandler, user_key
from pulumi_conduit.resources.conductor_user.model import ConductorUserSpec, ConductorUserState, is_active, status_of
from pulumi_conduit.resources.declared_access import DeclaredAccess, Initial, declared_access
from pulumi_conduit.warnings import REACTIVATE, UNVERIFIED, Fact, removes

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.sessions import ConductorSession

__all__ = ["BringsBack", "Expected"]


@dataclass(frozen=True)
class Expected:
    """The accounts that a user must show before it is set ACTIVE, those that it may show, and what is not known."""

    required: frozenset[int]
    accepted: frozenset[int]
    unknown: tuple[str, ...] = ()

    def is_shown_by(self, record: UserRecord) -> bool:
        """Say whether a user shows exactly what is expected."""
        return self.required <= record.accounts <= self.required | self.accepted

    def undeclared(self, record: UserRecord) -> frozenset[int]:
        """Return the accounts of a user that nobody expects."""
        return record.accounts - self.required - self.accepted


class BringsBack(ConductorHandler[ConductorUserSpec, ConductorUserState]):
    """The part of a user's life that leads from INACTIVE to ACTIVE."""

    def reset_grants(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> Expected:
        """Make the accounts of an INACTIVE user the declared ones; return what it must show to be activated."""
        access = self._known_access(session, spec, record)
        foreign = self.check_leftovers(session, spec, record, access)
        if reasons := self._not_owned(session, record, access, spec.profile):
            raise RefusedError(f"{spec.what}: not reactivated: {'; '.join(reasons)}")
        owned = session.cache.accounts().keys()
        missing = access.accounts - record.accounts
        if own := missing & owned:
            self.give(session, spec.email, own)
        through = [self._give_through(*one, spec.email) for one in self._of_others(missing - owned, access).items()]
        if extra := record.accounts - access.accounts - foreign:
            self.revoke(session, spec.email, extra, spec.profile)
        held = access.accounts & record.accounts
        self.context.reset_grants[user_key(session, spec.email)] = held.union(own, *through)
        return Expected(access.accounts & owned, foreign | (access.accounts - owned), access.unknown)

    def activate_with(self, session: ConductorSession, spec: ConductorUserSpec, expected: Expected) -> None:
        """Activate a user once a GET made now shows exactly the expected accounts; writes may take a moment to show."""
        record = self.require_user(session, spec.email, spec.what, expected.is_shown_by)
        if expected.undeclared(record):
            raise RefusedError(
                f"{spec.what}: not activated, for it shows {_difference(session, record, expected)};"
                " have its accounts put right, then run again"
            )
        if expected.is_shown_by(record):
            self.activate(session, spec.email)
        else:
            self._activate_unseen(session, spec, record, expected)

    def check_reactivation(self, spec: ConductorUserSpec) -> None:
        """Refuse in a plan a reactivation that would come with accounts that nobody here can take away or give."""
        reasons = self.verified_here(spec.profile, lambda: self._look_at_leftovers(spec))
        if reasons:
            raise RefusedError("; ".join(reasons))

    def check_found(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> None:
        """Say in a plan what a reactivation takes away; refuse what it could not do."""
        access = self._access(session, spec, waits_for_values=True)
        self.context.reset_grants[user_key(session, spec.email)] = access.accounts
        if access.unknown and self.operation.is_first("is not known"):
            text = (
                f"{spec.what}: not known yet is the access declared as {_names(access.unknown)}, so what a reactivation"
                f" takes away was not compared; the user holds {_listed(session, record.accounts)}"
            )
            self.warn(str(Fact(UNVERIFIED, text)))
        if reasons := self._not_owned(session, record, access, spec.profile):
            raise RefusedError(f"{spec.what}: {'; '.join(reasons)}")
        if not access.unknown:
            self.check_leftovers(session, spec, record, access)
        if spec.is_active and self.operation.is_first(f"gets {sorted(access.accounts)}"):
            text = f"{spec.what}: will be its accounts: {session.cache.names(access.accounts)}{_type_set(spec, record)}"
            self.warn(str(Fact(REACTIVATE, text, access.accounts, type=_type_to_set(spec, record))))

    def check_leftovers(
        self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord, access: DeclaredAccess
    ) -> frozenset[int]:
        """Return the leftover accounts that this identity does not own, where the policy accepts them; say the rest."""
        leftover = record.accounts - access.accounts
        foreign = leftover - session.cache.accounts().keys()
        if foreign and spec.on_conflict != UserConflict.ADOPT.value:
            raise RefusedError(
                f"{spec.what}: not brought back, for it still holds {_listed(session, foreign)}, which this identity"
                " does not own and cannot take away; have them removed, or set on_conflict='adopt' to accept them"
            )
        if foreign and self.operation.is_first(f"comes back with {sorted(foreign)}"):
            self.warn(f"{spec.what}: comes back with {_listed(session, foreign)}, which this identity does not own")
        if (removed := leftover - foreign) and self.context.warnings.is_first(
            f"{self.operation.urn} loses {sorted(removed)}"
        ):
            names = session.cache.names(removed)
            self.warn(removes(removed, f"{spec.what}: left over, will be removed: {names}"))
        return foreign

    def complete(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> None:
        """Give a user that is ACTIVE by now the declared accounts that it lacks; name those that nothing declares.

        Somebody else may have activated it, or a run of ours that was killed.
        """
        access = self._access(session, spec, waits_for_values=False)
        if missing := (access.accounts - record.accounts) & session.cache.accounts().keys():
            self.give(session, spec.email, missing)
        self.context.reset_grants[user_key(session, spec.email)] = record.accounts | missing
        if held := record.accounts - access.accounts:
            self.warn(f"{spec.what}: it is ACTIVE already, and holds undeclared {_listed(session, held)}")

    def _look_at_leftovers(self, spec: ConductorUserSpec) -> list[str]:
        session = self.context.sessions.conductor(spec.profile)
        record = session.cache.find(spec.email)
        if record is not None and not is_active(status_of(record)):
            self.check_found(session, spec, record)
        elif record is not None and (type_set := _type_set(spec, record)):
            self.say(Fact(REACTIVATE, f"{spec.what} is ACTIVE already{type_set}", type=spec.type))
        return []

    def _access(self, session: ConductorSession, spec: ConductorUserSpec, *, waits_for_values: bool) -> DeclaredAccess:
        key, urn = user_key(session, spec.email), self.operation.urn
        initial = Initial(frozenset(spec.initial_accounts), spec.profile)
        return declared_access(self.context, key, urn, initial, waits_for_values=waits_for_values)

    def _known_access(self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord) -> DeclaredAccess:
        """Return what is declared; RefusedError where an account of the user might be declared and is not known."""
        access = self._access(session, spec, waits_for_values=False)
        if access.unknown and (record.accounts - access.accounts or access.is_list_unknown):
            access = self._access(session, spec, waits_for_values=True)
        leftover = record.accounts - access.accounts
        if access.unknown and (leftover or access.is_list_unknown):
            raise RefusedError(
                f"{spec.what}: not reactivated: not known yet is the access declared as {_names(access.unknown)},"
                f" and the user holds {_listed(session, leftover)}, which may be declared there; give these grants"
                " values that do not depend on this user, or have the accounts removed"
            )
        return access

    def _not_owned(
        self, session: ConductorSession, record: UserRecord, access: DeclaredAccess, profile: str | None
    ) -> list[str]:
        """Return the reasons against accounts that must be given and that this identity does not own."""
        owned = session.cache.accounts().keys()
        lost = access.accounts - record.accounts - owned
        if not lost and not access.accounts & owned and not access.is_list_unknown:
            return ["no declared account is one that this identity owns, so that it would not see the user any more"]
        own = self.context.sessions.conductor_tenant(profile)
        return [
            f"declared is account {one}, which this identity does not own and so cannot give; remove it from"
            " initial_accounts or from the grants, or have it returned"
            for one in sorted(lost)
            if any(self.context.sessions.conductor_tenant(through) == own for through in access.profiles[one])
        ]

    def _of_others(self, accounts: frozenset[int], access: DeclaredAccess) -> dict[str | None, frozenset[int]]:
        """Return accounts by the profile of the other identity that declares them."""
        through: dict[str | None, frozenset[int]] = {}
        for one in accounts:
            profile = min(access.profiles[one], key=str)
            through[profile] = through.get(profile, frozenset()) | {one}
        return through

    def _give_through(self, profile: str | None, accounts: frozenset[int], email: str) -> frozenset[int]:
        """Give what another identity declares, with its own login; its grant will tell where it cannot see the user."""
        if not self.context.settings.has_conductor(profile):
            return frozenset()
        other = self.context.sessions.conductor(profile)
        own = accounts & other.cache.accounts().keys()
        try:
            return own if own and self.give(other, email, own) >= own else frozenset()
        except NotFoundError:
            return frozenset()

    def _activate_unseen(
        self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord, expected: Expected
    ) -> None:
        """Activate a user whose accounts the API hides while it is INACTIVE: remove unseen, activate, look, remove."""
        if expected.unknown:
            raise RefusedError(
                f"{spec.what}: not activated, for it shows {_difference(session, record, expected)}, and not known yet"
                f" is the access declared as {_names(expected.unknown)}; give these grants values that do not depend"
                " on this user"
            )
        kept = expected.required | expected.accepted
        if unseen := frozenset(session.cache.accounts()) - kept:
            self.take(session, spec.email, unseen)
        self.activate(session, spec.email)
        try:
            self._settle(session, spec, expected)
        except ConduitError as error:
            self._deactivate_again(session, spec, error)
            raise RefusedError(f"{spec.what}: set INACTIVE again: {error}") from error

    def _deactivate_again(self, session: ConductorSession, spec: ConductorUserSpec, why: ConduitError) -> None:
        try:
            self.set_status(session, spec.email, UserStatus.INACTIVE.value)
        except ConduitError as error:
            raise RefusedError(
                f"{spec.what}: it is ACTIVE, its accounts could not be verified ({why}), and it could not be set"
                f" INACTIVE again: {error}; have an Admin look"
            ) from error

    def _settle(self, session: ConductorSession, spec: ConductorUserSpec, expected: Expected) -> None:
        """Make an activated user show exactly the expected accounts; RefusedError where it does not."""
        record = self.poll_until(session, spec.email, expected.is_shown_by, looks=MANY_POLLS)
        if record is None:
            raise RefusedError(f"{spec.what}: the user is not visible (404) after its activation; run again")
        if undeclared := expected.undeclared(record) & session.cache.accounts().keys():
            self.revoke(session, spec.email, undeclared, spec.profile)
        if lacking := expected.required - record.accounts:
            self.give(session, spec.email, lacking)
        if not expected.is_shown_by(record):
            record = self.require_user(session, spec.email, spec.what, expected.is_shown_by)
        if not expected.is_shown_by(record):
            raise RefusedError(f"it shows {_difference(session, record, expected)}; have its accounts put right")


def _type_to_set(spec: ConductorUserSpec, record: UserRecord) -> str | None:
    """Return the type that a reactivation sets, too, because it is another one by now."""
    return None if record.type == spec.type else spec.type


def _type_set(spec: ConductorUserSpec, record: UserRecord) -> str:
    kind = _type_to_set(spec, record)
    return f"; its type, {record.type} in Conductor, is set to {kind}" if kind else ""


def _difference(session: ConductorSession, record: UserRecord, expected: Expected) -> str:
    return f"{_listed(session, record.accounts)} instead of {_listed(session, expected.required)}"


def _listed(session: ConductorSession, accounts: frozenset[int]) -> str:
    return f"accounts {session.cache.names(accounts)}" if accounts else "no account"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{escaped(one, 80)}'" for one in names)
