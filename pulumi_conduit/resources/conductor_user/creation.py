"""How a declared user comes to exist: it is created, or (on a 409, too) the one that exists is made as declared.

`conflict` decides, as data, what is done with a user that exists; here it is announced and done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import (
    AlreadyExistsError,
    ConduitError,
    InvalidInputError,
    OutcomeUnknownError,
    RefusedError,
    shown,
)
from pulumi_conduit.resources.conductor_user.conflict import Resolution, Step, resolve
from pulumi_conduit.resources.conductor_user.model import (
    ConductorUserSpec,
    ConductorUserState,
    is_active,
    recorded_user,
    status_of,
    surprises,
)
from pulumi_conduit.resources.conductor_user.reactivation import Reactivation, warn_deactivated_outside
from pulumi_conduit.resources.fields import canonical_email, to_properties
from pulumi_conduit.warnings import ids_of

if TYPE_CHECKING:
    from pulumi_conduit.api.conductor_client import NewUser
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.access_writer import AccessWriter

__all__ = ["UserCreation"]


class UserCreation:
    """The creation of one declared user, or the adoption of the one that exists."""

    def __init__(self, writer: AccessWriter, spec: ConductorUserSpec) -> None:
        """Send nothing yet."""
        self._writer, self._spec = writer, spec
        self._operation, self._session = writer.operation, writer.session
        self._context = writer.operation.context

    def resolve_and_warn(self, record: UserRecord, *, checks_reactivation: bool = False) -> Resolution:
        """Decide over a user that exists and warn of it, once; a check finds out what a reactivation would need."""
        spec = self._spec
        if spec.import_id is not None and canonical_email(spec.import_id) != spec.email:
            raise InvalidInputError(
                f"{spec.what}: import_={shown(spec.import_id)} does not match the declared email '{spec.email}'"
            )
        stays_inactive = self._was_deactivated_outside(record)
        resolution = resolve(spec, record, stays_inactive=stays_inactive)
        if stays_inactive:
            warn_deactivated_outside(self._operation, spec.what)
        if checks_reactivation and Step.RESET_GRANTS in resolution.steps:
            Reactivation(self._writer, spec).check(record)
        if resolution.warning:
            url = self._context.sessions.conductor_url(spec.profile)
            self._operation.warn_once(str(replace(resolution.warning, url=url)))
        return resolution

    def create(self) -> ConductorUserState:
        """Create the user; where one exists (a 409), or the outcome is unknown, do as `conflict.resolve` decides."""
        try:
            return self._create()
        except (AlreadyExistsError, OutcomeUnknownError) as error:
            return self.adopt(error)

    def adopt(self, error: ConduitError | None = None) -> ConductorUserState:
        """Apply the conflict rules to the user that exists, and record it."""
        spec = self._spec
        with self._context.user_locks.lock(self._session.user_key(spec.email)):
            record = self._existing(error)
            resolution = self.resolve_and_warn(record)
            Reactivation(self._writer, self._spec).write(record, resolution.steps)
        after = self._session.cache.from_cache(spec.email) or record
        state = recorded_user(spec, after, str(self._session.tenant), adopted=self._is_foreign(error))
        return replace(state, reactivated=True) if Step.ACTIVATE in resolution.steps else state

    def import_without_user(self) -> RefusedError:
        """Return the reason against an import of a user that this identity does not see."""
        return RefusedError(
            f"{self._spec.what}: import_ names it, but this identity sees no such user; remove import_ to create it"
        )

    def _create(self) -> ConductorUserState:
        """Create the user, and make sure that it is what was declared."""
        spec = self._spec
        with self._session.writes.writing(spec.email):
            record = self._session.client.create_user(_new_user(spec), send_email=spec.send_email)
        self._session.cache.record_user(record)
        self._session.cache.record_own_addition(spec.email, spec.initial_accounts)
        if not spec.is_active:
            # Whether a create honours the status is not documented.
            self._writer.set_status(UserStatus(spec.status))
        return self._record_created()

    def _record_created(self) -> ConductorUserState:
        spec = self._spec
        record = self._session.cache.from_cache(spec.email)
        if record is None or record.status is None:
            record = self._writer.require_user()
        if record.type != spec.type:
            self._writer.set_type(spec.type)
            record = record.model_copy(update={"type": spec.type})
        self._report_surprises(record)
        state = recorded_user(spec, record, str(self._session.tenant), adopted=False)
        if state.is_deactivated_outside():
            # The API ignored the declared ACTIVE, and no other actor deactivated the user: the next run sets it.
            applied = {name: value for name, value in state.last_applied.items() if name != "status"}
            return replace(state, last_applied=applied)
        return state

    def _report_surprises(self, record: UserRecord) -> None:
        """Warn at once where a new user is not what was sent: its state is kept, and later runs go on from there."""
        spec, warn = self._spec, self._operation.warn
        for surprise in surprises(to_properties(spec), record):
            warn(f"{spec.what}: {surprise}")
        if status_of(record) != spec.status:
            warn(
                f"{spec.what}: it was created, but status is {status_of(record)} in Conductor and {spec.status} in the"
                " program; run `up` again, which sets it"
            )
        elif record.accounts != frozenset(spec.initial_accounts) and spec.is_active:
            warn(
                f"{spec.what}: it was created, but holds accounts {ids_of(record.accounts) or 'none'} in Conductor, and"
                f" initial_accounts is {ids_of(spec.initial_accounts)} in the program; declare its access by"
                " UserAccountAccess or UserAccountAccessExclusive"
            )

    def _was_deactivated_outside(self, record: UserRecord) -> bool:
        """Say whether the resource that this create replaces last declared the user ACTIVE, and no run changed that."""
        recorded = self._recorded()
        is_ours = self._spec.is_active and recorded is not None and recorded.is_applied_active()
        by_this_run = self._context.planned_users.was_deactivated(self._session.user_key(self._spec.email))
        return is_ours and not is_active(status_of(record)) and not by_this_run

    def _is_foreign(self, error: ConduitError | None) -> bool:
        """Say whether this stack did not create the user, as far as this run can know."""
        recorded = self._recorded()
        if recorded is not None:
            return bool(recorded.adopted)
        return not isinstance(error, OutcomeUnknownError)

    def _recorded(self) -> ConductorUserState | None:
        """Return the state of this user that this run has seen."""
        return self._context.planned_users.recorded(self._session.user_key(self._spec.email))

    def _existing(self, error: ConduitError | None) -> UserRecord:
        """Return the user that a create met, from a GET made now."""
        spec = self._spec
        record = self._session.cache.fetch(spec.email, self._session.address)
        if record is not None:
            return record
        if isinstance(error, OutcomeUnknownError):
            raise OutcomeUnknownError(f"{error}; a GET finds no user {spec.email} yet: run again") from error
        if spec.import_id is not None:
            raise self.import_without_user()
        raise RefusedError(
            f"{spec.what}: it exists, but shares no account with this identity, which cannot see it (404); an Admin of"
            " its accounts must give it one that this identity owns. Nothing was written"
        ) from error


def _new_user(spec: ConductorUserSpec) -> NewUser:
    from pulumi_conduit.api.conductor_client import NewUser  # noqa: PLC0415 - loads HTTP, not needed where nothing changes

    return NewUser(
        email=spec.email,
        first_name=spec.first_name,
        last_name=spec.last_name,
        sso_access=spec.sso_access,
        type=spec.type,
        view=spec.view,
        accounts=spec.initial_accounts,
        status=None if spec.is_active else "INACTIVE",
    )
