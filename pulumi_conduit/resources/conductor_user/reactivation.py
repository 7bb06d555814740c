"""How a user is reactivated with exactly what the program declares: accounts first, then the type, the status last.

An INACTIVE user may still hold every account it ever had, and the API may hide them. So its accounts are made the
declared ones while it has no access, by adding before removing (a user that shares no account with the identity may
turn 404), and it is set ACTIVE only when a GET made afterwards shows exactly those. Nothing that the program declares
is removed, whether this run comes to it or not. A kill between any two requests is repaired by the next run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_conduit.api.deadline import undoing
from pulumi_conduit.enums import UserConflict, UserStatus, UserType
from pulumi_conduit.errors import ConduitError, NotFoundError, RefusedError, escaped
from pulumi_conduit.resources.access_writer import MANY_POLLS
from pulumi_conduit.resources.conductor_user.conflict import Step
from pulumi_conduit.resources.conductor_user.model import is_active, status_of
from pulumi_conduit.resources.declared_access import DeclaredAccess, Initial, declared_access
from pulumi_conduit.warnings import REACTIVATE, UNVERIFIED, CodedWarning, revoke_warning

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.access_writer import AccessWriter
    from pulumi_conduit.resources.conductor_user.model import ConductorUserSpec
    from pulumi_conduit.resources.declaration_registry import Key
    from pulumi_conduit.resources.lifecycle import Operation
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["Expected", "Reactivation", "warn_deactivated_outside"]


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
        """Return the accounts of a user that are not expected."""
        return record.accounts - self.required - self.accepted


class Reactivation:
    """The writes that make an existing user what is declared: from INACTIVE to ACTIVE, and the steps of an adoption."""

    def __init__(self, writer: AccessWriter, spec: ConductorUserSpec) -> None:
        """Send nothing yet."""
        self._writer, self._spec = writer, spec
        self._operation, self._session = writer.operation, writer.session
        self._context = writer.operation.context

    def check_declared(self) -> None:
        """Refuse in a plan a reactivation that would come with accounts which cannot be removed, or not be added."""
        record = self._session.cache.find(self._spec.email)
        if record is not None and not is_active(status_of(record)):
            self.check(record)
        elif record is not None and (type_set := _type_set(self._spec, record)):
            text = f"{self._spec.what} is ACTIVE already{type_set}"
            self._operation.warn_once(str(CodedWarning(REACTIVATE, text, type=self._spec.type)))

    def check(self, record: UserRecord) -> None:
        """Warn in a plan of what the reactivation of an INACTIVE user removes; refuse what it could not do."""
        spec, access = self._spec, self._access(waits_for_values=True)
        self._context.reset_grants[self._key] = access.accounts
        if access.unknown and self._operation.is_first("is not known"):
            text = (
                f"{spec.what}: the access declared as {_names(access.unknown)} is not known yet, so the accounts that a"
                f" reactivation removes were not compared; the user holds {_listed(self._session, record.accounts)}"
            )
            self._operation.warn(str(CodedWarning(UNVERIFIED, text)))
        if reasons := self._not_owned(record, access):
            raise RefusedError(f"{spec.what}: {'; '.join(reasons)}")
        kept = self._foreign(record, access) if access.unknown else self._check_leftovers(record, access)
        accounts = access.accounts | kept
        if spec.is_active and self._operation.is_first(f"gets {sorted(accounts)}"):
            names = self._session.cache.names(accounts) or "that are not known yet"
            text = f"{spec.what}: is reactivated with accounts {names}{_type_set(spec, record)}"
            self._operation.warn(str(CodedWarning(REACTIVATE, text, accounts, type=_type_to_set(spec, record))))

    def run(self) -> None:
        """Make an INACTIVE user ACTIVE; one that was reactivated outside meanwhile keeps its grants."""
        spec = self._spec
        with self._context.user_locks.lock(self._key):
            record = self._writer.require_user(lambda seen: not is_active(status_of(seen)))
            if record.type == UserType.ADMIN.value:
                raise RefusedError(f"{spec.what}: it is an ADMIN now, which this API cannot manage")
            is_active_by_now = is_active(status_of(record))
            if is_active_by_now:
                self._complete(record)
            steps = set() if is_active_by_now else {Step.RESET_GRANTS, Step.ACTIVATE}
            if spec.type != record.type:
                steps.add(Step.SET_TYPE)
            self.write(record, steps)

    def write(self, record: UserRecord, steps: Collection[Step]) -> None:
        """Do the writes of a resolution: accounts first, then the type, ACTIVE last; the caller holds the lock."""
        if Step.ACTIVATE in steps:
            self._writer.count_reactivation()
        expected = self._reset_grants(record) if Step.RESET_GRANTS in steps else None
        if Step.DEACTIVATE in steps:
            self._writer.deactivate()
        if Step.SET_TYPE in steps:
            self._writer.set_type(self._spec.type)
        if Step.ACTIVATE in steps and expected is not None:
            self._activate(expected)

    @property
    def _key(self) -> Key:
        return self._session.user_key(self._spec.email)

    def _reset_grants(self, record: UserRecord) -> Expected:
        """Make the accounts of an INACTIVE user the declared ones; return what it must show to be activated."""
        access = self._known_access(record)
        foreign = self._check_leftovers(record, access)
        if reasons := self._not_owned(record, access):
            raise RefusedError(f"{self._spec.what}: not reactivated: {'; '.join(reasons)}")
        if extra := record.accounts - access.accounts - foreign:
            self._writer.count_revocations(extra)  # before anything is written
        owned = self._session.cache.accounts().keys()
        missing = access.accounts - record.accounts
        if own := missing & owned:
            self._writer.add(own)
        through = [self._add_through(*one) for one in _of_others(missing - owned, access).items()]
        if extra:
            self._writer.require_removed(extra, self._writer.remove(extra))
        held = access.accounts & record.accounts
        self._context.reset_grants[self._key] = held.union(own, *through)
        return Expected(access.accounts & owned, foreign | (access.accounts - owned), access.unknown)

    def _activate(self, expected: Expected) -> None:
        """Activate a user once a GET made now shows exactly the expected accounts; writes may take a moment to show."""
        record = self._writer.require_user(expected.is_shown_by)
        if expected.undeclared(record):
            raise RefusedError(
                f"{self._spec.what}: not activated, because it shows {_difference(self._session, record, expected)};"
                " have its accounts corrected, then run again"
            )
        if expected.is_shown_by(record):
            self._writer.set_status(UserStatus.ACTIVE)
        else:
            self._activate_unseen(record, expected)

    def _check_leftovers(self, record: UserRecord, access: DeclaredAccess) -> frozenset[int]:
        """Return the leftover accounts that this identity does not own, where the policy accepts them; warn of all."""
        spec, session = self._spec, self._session
        leftover, foreign = record.accounts - access.accounts, self._foreign(record, access)
        if foreign and spec.on_conflict != UserConflict.ADOPT.value:
            raise RefusedError(
                f"{spec.what}: not reactivated, because it still holds {_listed(session, foreign)}, which this identity"
                " does not own and cannot remove; have them removed, or set on_conflict='adopt' to accept them"
            )
        if foreign and self._operation.is_first(f"keeps {sorted(foreign)}"):
            self._operation.warn(
                f"{spec.what}: is reactivated with {_listed(session, foreign)}, which this identity does not own"
            )
        if (removed := leftover - foreign) and self._operation.is_first(f"loses {sorted(removed)}"):
            names = session.cache.names(removed)
            self._operation.warn(revoke_warning(removed, f"{spec.what}: left over, will be removed: {names}"))
        return foreign

    def _foreign(self, record: UserRecord, access: DeclaredAccess) -> frozenset[int]:
        """Return the undeclared accounts that this identity does not own, and so cannot remove."""
        return record.accounts - access.accounts - self._session.cache.accounts().keys()

    def _complete(self, record: UserRecord) -> None:
        """Add to a user that is ACTIVE by now the declared accounts that it lacks; name those that nothing declares.

        It may have been activated outside, or by a run of ours that was killed.
        """
        access = self._access(waits_for_values=False)
        if missing := (access.accounts - record.accounts) & self._session.cache.accounts().keys():
            self._writer.add(missing)
        self._context.reset_grants[self._key] = record.accounts | missing
        if held := record.accounts - access.accounts:
            self._operation.warn(
                f"{self._spec.what}: it is ACTIVE already, and holds undeclared {_listed(self._session, held)}"
            )

    def _access(self, *, waits_for_values: bool) -> DeclaredAccess:
        initial = Initial(frozenset(self._spec.initial_accounts), self._spec.profile)
        urn = self._operation.urn
        return declared_access(self._context, self._key, urn, initial, waits_for_values=waits_for_values)

    def _known_access(self, record: UserRecord) -> DeclaredAccess:
        """Return what is declared; RefusedError where an account of the user might be declared and is not known."""
        access = self._access(waits_for_values=False)
        if access.unknown and (record.accounts - access.accounts or access.is_list_unknown):
            access = self._access(waits_for_values=True)
        leftover = record.accounts - access.accounts
        if access.unknown and (leftover or access.is_list_unknown):
            raise RefusedError(
                f"{self._spec.what}: not reactivated: the access declared as {_names(access.unknown)} is not known yet,"
                f" and the user holds {_listed(self._session, leftover)}, which may be declared there; use values for"
                " these grants that do not depend on this user, or have the accounts removed"
            )
        return access

    def _not_owned(self, record: UserRecord, access: DeclaredAccess) -> list[str]:
        """Return the reasons against accounts that must be added and that this identity does not own."""
        owned = self._session.cache.accounts().keys()
        lost = access.accounts - record.accounts - owned
        if not lost and not access.accounts & owned and not access.is_list_unknown:
            return ["this identity owns no declared account, so it would not see the user any more"]
        tenant_of = self._context.sessions.conductor_tenant
        own = tenant_of(self._spec.profile)
        return [
            f"account {one} is declared, but this identity does not own it and cannot add it; remove it from"
            " initial_accounts or from the grants, or have it returned"
            for one in sorted(lost)
            if any(tenant_of(through) == own for through in access.profiles[one])
        ]

    def _add_through(self, profile: str | None, accounts: frozenset[int]) -> frozenset[int]:
        """Add what another identity declares, with its own login; its grant fails where it cannot see the user."""
        if not self._context.settings.has_conductor(profile):
            return frozenset()
        other = replace(self._writer, session=self._context.sessions.conductor(profile), profile=profile)
        own = accounts & other.session.cache.accounts().keys()
        try:
            return own if own and other.add(own) >= own else frozenset()
        except NotFoundError:
            return frozenset()

    def _activate_unseen(self, record: UserRecord, expected: Expected) -> None:
        """Activate a user whose accounts the API hides while it is INACTIVE: remove unseen, activate, GET, remove."""
        if expected.unknown:
            raise RefusedError(
                f"{self._spec.what}: not activated, because it shows {_difference(self._session, record, expected)},"
                f" and the access declared as {_names(expected.unknown)} is not known yet; use values for these grants"
                " that do not depend on this user"
            )
        kept = expected.required | expected.accepted
        if unseen := frozenset(self._session.cache.accounts()) - kept:
            self._writer.remove(unseen)
        try:
            self._writer.set_status(UserStatus.ACTIVE)  # it may have taken effect, whatever the response is
            self._settle(expected)
        except ConduitError as error:
            self._deactivate_again(error)
            raise RefusedError(f"{self._spec.what}: set INACTIVE again: {error}") from error

    def _deactivate_again(self, why: ConduitError) -> None:
        try:
            with undoing(self._context.settings.deadline_s(self._spec.profile)):
                self._writer.set_status(UserStatus.INACTIVE)
        except ConduitError as error:
            raise RefusedError(
                f"{self._spec.what}: it may be ACTIVE, its accounts could not be verified ({why}), and it was not set"
                f" INACTIVE again: {error}; have an Admin check it"
            ) from error

    def _settle(self, expected: Expected) -> None:
        """Make an activated user show exactly the expected accounts; RefusedError where it does not."""
        record = self._writer.poll_until(expected.is_shown_by, polls=MANY_POLLS)
        if record is None:
            raise RefusedError(f"{self._spec.what}: the user is not visible (404) after its activation; run again")
        if undeclared := expected.undeclared(record) & self._session.cache.accounts().keys():
            self._writer.revoke(undeclared)
        if lacking := expected.required - record.accounts:
            self._writer.add(lacking)
        if not expected.is_shown_by(record):
            record = self._writer.require_user(expected.is_shown_by)
        if not expected.is_shown_by(record):
            raise RefusedError(f"it shows {_difference(self._session, record, expected)}; have its accounts corrected")


def warn_deactivated_outside(operation: Operation, what: str) -> None:
    """Warn, once, that a deactivation made outside stays, and how to reactivate the user."""
    operation.warn_once(
        f"{what}: it was deactivated outside of Pulumi and stays INACTIVE; to reactivate it, declare INACTIVE, run"
        " `up`, then declare ACTIVE, run `up`"
    )


def _of_others(accounts: frozenset[int], access: DeclaredAccess) -> dict[str | None, frozenset[int]]:
    """Return accounts by the profile of the other identity that declares them."""
    through: dict[str | None, frozenset[int]] = {}
    for one in accounts:
        profile = min(access.profiles[one], key=str)
        through[profile] = through.get(profile, frozenset()) | {one}
    return through


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
