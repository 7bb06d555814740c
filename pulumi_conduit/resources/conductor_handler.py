"""What the three kinds of Conductor resources share: the session of a state, the tenant guards and the missing user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.access_writer import AccessWriter, user_of
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.lifecycle import Handler, SpecT, StateT
from pulumi_conduit.resources.limits import Missing
from pulumi_conduit.resources.tenant import Tenant, guard_delete, guard_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["ConductorHandler", "ConductorState", "UserDeclaration", "admin_reason"]


class UserDeclaration(Protocol):
    """What is declared, or recorded, for one user."""

    @property
    def what(self) -> str:
        """Name it in messages."""

    @property
    def profile(self) -> str | None:
        """Return the profile whose settings reach it."""

    @property
    def user_email(self) -> str:
        """Return the canonical email of the user that it is about."""


class ConductorState(Protocol):
    """What every Conductor state records."""

    @property
    def what(self) -> str:
        """Name it in messages."""

    @property
    def profile(self) -> str | None:
        """Return the profile whose settings reach it."""

    @property
    def user_email(self) -> str:
        """Return the canonical email of the user that it is about."""

    @property
    def tenant(self) -> str | None:
        """Return the tenant that it was recorded in."""

    @property
    def remote_email(self) -> str | None:
        """Return the address as the API spells it, where that is not the canonical one."""


def _addressed(session: ConductorSession, state: ConductorState) -> ConductorSession:
    """Return the session whose requests name the user as its state does: the API may tell cases apart."""
    return replace(session, address=state.remote_email or state.user_email)


def admin_reason(email: str) -> str:
    """Return the reason against access that is declared for an ADMIN."""
    return f"user: {email} is an ADMIN, whose access this API cannot manage; remove it from the program"


class ConductorHandler(Handler[SpecT, StateT]):
    """A handler whose objects are in Conductor."""

    def writer(self, session: ConductorSession, about: UserDeclaration) -> AccessWriter:
        """Return what writes to the user of a declaration or a state."""
        return AccessWriter(self.operation, session, about.user_email, about.what, about.profile)

    def session_of(self, state: ConductorState) -> ConductorSession:
        """Return the session that may touch what is recorded; RefusedError when that is in another tenant."""
        session = self.context.sessions.conductor(state.profile)
        guard_url(state.what, state.tenant, session.tenant, self.context.settings.allow_move())
        return _addressed(session, state)

    def delete_session_of(self, state: ConductorState) -> ConductorSession:
        """Return the session that may delete what is recorded: no move is allowed for that."""
        session = self.context.sessions.conductor(state.profile)
        guard_delete(state.what, state.tenant, session.tenant)
        return _addressed(session, state)

    def tenant_of(self, state: ConductorState) -> Tenant:
        """Return the tenant of recorded objects: that of their profile, or, without its settings, the recorded one.

        That is so only where settings of this run name its URL: else nothing is declared there.
        """
        sessions, recorded = self.context.sessions, Tenant.parse(state.tenant or "")
        is_configured = self.context.settings.has_conductor(state.profile)
        is_current = is_configured or not sessions.knows_conductor(recorded.url)
        return sessions.conductor_tenant(state.profile) if is_current else recorded

    def guard_diff(self, state: ConductorState) -> None:
        """Fail a plan over state of another base URL, as far as settings tell without a request."""
        if self.context.settings.has_conductor(state.profile):
            self.session_of(state)

    def guard_delete(self, state: ConductorState) -> None:
        """Refuse a delete over state of another base URL, as far as settings tell without a request."""
        if self.context.settings.has_conductor(state.profile):
            self.delete_session_of(state)

    def compare_with_conductor(self, profile: str | None, compare: Callable[[], list[str]]) -> list[str]:
        """Return what a comparison with Conductor finds against the declaration, if there are credentials for it."""
        return self.compare_if_possible(
            profile, is_configured=self.context.settings.has_conductor(profile), compare=compare
        )

    def left_by_reset(self, email: str, profile: str | None) -> frozenset[int] | None:
        """Return the accounts that this run left a user with when it reactivated it, or None when it did not."""
        return self.context.reset_grants.get(Key(self.context.sessions.conductor_tenant(profile), Kind.USER, email))

    def missing_user(self, state: ConductorState, session: ConductorSession) -> Missing:
        """Return the result of a read whose user neither the list nor its own GET shows."""
        if not _is_same_identity(state, session):
            raise RefusedError(
                f"{user_of(state.what)} not visible to this identity (404), but another identity recorded it,"
                " so state is unchanged; use the identity that recorded it"
            )
        self.warn(
            f"{user_of(state.what)} not found (404, and in no list), so this is removed from state; the user"
            " may still be ACTIVE where this identity cannot see it"
        )
        return Missing(state.what, session.user_key(state.user_email))

    def confirm_not_found(self, state: ConductorState, session: ConductorSession) -> None:
        """Warn that a removal did not find its user.

        RefusedError where another identity recorded it, because then that proves nothing, and where too many are
        missing.
        """
        if not _is_same_identity(state, session):
            raise RefusedError(
                f"{state.what}: not removed, because the user is not visible to this identity (404), but another"
                " identity recorded it; use the identity that recorded it"
            )
        self.confirm_missing(Missing(state.what, session.user_key(state.user_email)), state.profile)
        self.warn(f"{user_of(state.what)} not found (404, and in no list), so this is removed from state only")


def _is_same_identity(state: ConductorState, session: ConductorSession) -> bool:
    """Say whether the identity of a session recorded the state: only then is an absence a proof."""
    return state.tenant == str(session.tenant)
