"""How a declared user comes about: a create, or steps that converge on the user that has the address.

`conflict` decides what is to be done, as data; here it is said aloud and done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import ConduitError, InvalidInputError, OutcomeUnknownError, RefusedError
from pulumi_conduit.resources.conductor import user_key
from pulumi_conduit.resources.conductor_user.conflict import Resolution, Step, resolve
from pulumi_conduit.resources.conductor_user.model import (
    ConductorUserSpec,
    ConductorUserState,
    is_active,
    recorded_user,
    status_of,
    surprises,
)
from pulumi_conduit.resources.conductor_user.reactivation import BringsBack
from pulumi_conduit.resources.fields import canonical_email
from pulumi_conduit.resources.serialization import to_properties
from pulumi_conduit.warnings import ids_of

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.sessions import ConductorSession

__all__ = ["Converges"]


class Converges(BringsBack):
    """The part of a user's life that makes it as declared."""

    def announce(self, spec: ConductorUserSpec, record: UserRecord, *, is_plan: bool = False) -> Resolution:
        """Decide over a user that exists and say it aloud, once; a plan judges what a reactivation would bring, too."""
        if spec.import_id is not None and canonical_email(spec.import_id) != spec.email:
            raise InvalidInputError(f"{spec.what}: import_ names another id")
        stays_off = self._was_switched_off(spec, record)
        resolution = resolve(spec, record, stays_off=stays_off)
        if stays_off:
            self.warn_deactivated_outside(spec.what)
        if is_plan and Step.RESET_GRANTS in resolution.steps:
            self.check_found(self.context.sessions.conductor(spec.profile), spec, record)
        if resolution.fact:
            self.say(replace(resolution.fact, url=self.context.sessions.conductor_url(spec.profile)))
        return resolution

    def created(self, session: ConductorSession, spec: ConductorUserSpec) -> ConductorUserState:
        """Create the user, and make sure that it is what was declared."""
        from pulumi_conduit.api.conductor_client import NewUser  # noqa: PLC0415 - loads HTTP, which a quiet run does without

        new = NewUser(
            email=spec.email,
            first_name=spec.first_name,
            last_name=spec.last_name,
            sso_access=spec.sso_access,
            type=spec.type,
            view=spec.view,
            accounts=spec.initial_accounts,
            status=None if spec.is_active else "INACTIVE",
        )
        with session.writes.writing(spec.email):
            born = session.client.create_user(new, send_email=spec.send_email)
        session.cache.note(born)
        session.cache.record_given(spec.email, spec.initial_accounts)
        if not spec.is_active:
            self.set_status(session, spec.email, spec.status)  # whether a create honours the status is not documented
        return self._as_declared(session, spec)

    def _as_declared(self, session: ConductorSession, spec: ConductorUserSpec) -> ConductorUserState:
        record = session.cache.from_cache(spec.email)
        if record is None or record.status is None:
            record = self.require_user(session, spec.email, spec.what)
        if record.type != spec.type:
            self.set_type(session, spec)
            record = record.model_copy(update={"type": spec.type})
        self._report_surprises(spec, record)
        state = recorded_user(spec, record, str(session.tenant))
        if state.is_deactivated_outside():
            # Nobody else did that: the next run sets what is declared.
            state = replace(
                state, last_applied={name: value for name, value in state.last_applied.items() if name != "status"}
            )
        return state

    def _report_surprises(self, spec: ConductorUserSpec, record: UserRecord) -> None:
        """Say at once where a new user is not what was sent: its state is kept, and later runs go on from there."""
        for surprise in surprises(to_properties(spec), record):
            self.warn(f"{spec.what}: {surprise}")
        if status_of(record) != spec.status:
            self.warn(
                f"{spec.what}: it was created, but status is {status_of(record)} in Conductor and {spec.status} in the"
                " program; run `up` again, which sets it"
            )
        elif record.accounts != frozenset(spec.initial_accounts) and spec.is_active:
            self.warn(
                f"{spec.what}: it was created, but holds accounts {ids_of(record.accounts) or 'none'} in Conductor, and"
                f" initial_accounts is {ids_of(spec.initial_accounts)} in the program; declare its access by"
                " UserAccountAccess or UserAccountAccessExclusive"
            )

    def converged(
        self, session: ConductorSession, spec: ConductorUserSpec, error: ConduitError | None
    ) -> ConductorUserState:
        """Do what the conflict rules say about the user that is there, and record it."""
        with self.context.user_locks.lock(user_key(session, spec.email)):
            record = self.seen(session, spec, error)
            resolution = self.announce(spec, record)
            self._perform(session, spec, record, resolution.steps)
        after = session.cache.from_cache(spec.email) or record
        for surprise in surprises(to_properties(spec), after):
            self.warn(f"{spec.what}: {surprise}")
        state = recorded_user(spec, after, str(session.tenant))
        return replace(state, reactivated=True) if Step.ACTIVATE in resolution.steps else state

    def warn_deactivated_outside(self, what: str) -> None:
        """Say, once, that a deactivation made outside stays, and how to bring the user back."""
        warning = (
            f"{what}: somebody deactivated it outside of Pulumi; it stays INACTIVE. To bring it back declare INACTIVE,"
            " `up`, then ACTIVE, `up`"
        )
        self.operation.warn_once(warning)

    def _was_switched_off(self, spec: ConductorUserSpec, record: UserRecord) -> bool:
        """Say whether somebody else deactivated a user whose state this run has seen: it is being replaced."""
        recorded = self.context.planned_users.recorded(self.key(spec))
        is_ours = spec.is_active and recorded is not None and recorded.is_applied_active()
        return is_ours and not is_active(status_of(record))

    def seen(self, session: ConductorSession, spec: ConductorUserSpec, error: ConduitError | None) -> UserRecord:
        """Return the user that a create met, from a GET made now."""
        record = session.cache.fetch(spec.email, session.address)
        if record is not None:
            return record
        if isinstance(error, OutcomeUnknownError):
            raise OutcomeUnknownError(
                f"{error}; a look finds no user {spec.email} yet: run the program again"
            ) from error
        if spec.import_id is not None:
            raise self.import_without(spec)
        raise RefusedError(
            f"{spec.what}: it exists, but shares no account with this identity, which cannot see it (404); an Admin of"
            " its accounts must give it one that this identity owns. Nothing was written"
        ) from error

    def import_without(self, spec: ConductorUserSpec) -> RefusedError:
        """Return the reason against an import of a user whom this identity does not see."""
        return RefusedError(
            f"{spec.what}: import_ names it, but this identity sees no such user; remove import_ to create it"
        )

    def _perform(
        self, session: ConductorSession, spec: ConductorUserSpec, record: UserRecord, steps: frozenset[Step]
    ) -> None:
        if Step.ACTIVATE in steps:
            self.spend_reactivation(spec.email, spec.profile)
        expected = self.reset_grants(session, spec, record) if Step.RESET_GRANTS in steps else None
        if Step.DEACTIVATE in steps:
            self.deactivate(session, spec.email, spec.profile)
        if Step.SET_TYPE in steps:
            self.set_type(session, spec)
        if Step.ACTIVATE in steps and expected is not None:
            self.activate_with(session, spec, expected)

    def reactivate(self, session: ConductorSession, spec: ConductorUserSpec) -> None:
        """Make an INACTIVE user ACTIVE again; one that somebody else has brought back keeps its grants."""
        with self.context.user_locks.lock(user_key(session, spec.email)):
            record = self.require_user(session, spec.email, spec.what, lambda seen: not is_active(status_of(seen)))
            if record.type == UserType.ADMIN.value:
                raise RefusedError(f"{spec.what}: it is an ADMIN now, which this API cannot manage")
            is_active_by_now = is_active(status_of(record))
            if is_active_by_now:
                self.complete(session, spec, record)
            steps = set() if is_active_by_now else {Step.RESET_GRANTS, Step.ACTIVATE}
            if spec.type != record.type:
                steps.add(Step.SET_TYPE)
            self._perform(session, spec, record, frozenset(steps))

    def set_type(self, session: ConductorSession, spec: ConductorUserSpec) -> None:
        """Set the type of a user and believe only an answer that says so."""
        if spec.type == UserType.ADMIN.value:  # kept as recorded, under ignore_changes; the user is none any more
            raise RefusedError(f"{spec.what}: its type cannot be set to ADMIN; run `pulumi refresh`, then again")
        answered = self.written(
            session,
            spec.email,
            lambda spelling: session.client.set_user_type(spelling, spec.type),
            shown=lambda seen: spec.type if seen.type == spec.type else None,
        )
        if answered != spec.type:
            raise OutcomeUnknownError(
                f"{spec.what}: type set to {spec.type}, but the API answers {answered}; run again"
            )
        session.cache.record_change(spec.email, type=spec.type)
