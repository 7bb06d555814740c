"""What the three kinds of Conductor resources share: their session, their tenant guard, and how a user is looked up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import NotFoundError, OutcomeUnknownError, RefusedError, UnexpectedResponseError
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.lifecycle import Handler, SpecT, StateT
from pulumi_conduit.resources.missing import Missing
from pulumi_conduit.resources.tenant import Tenant, guard_delete, guard_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.sessions import ConductorSession
    from pulumi_conduit.warnings import Fact

__all__ = ["FEW_POLLS", "MANY_POLLS", "ConductorHandler", "ConductorState", "admin_reason", "still_shown", "user_key"]

MANY_POLLS = 6
FEW_POLLS = 3
"""How often to look for what a look is known to be late with, and where it would only be prudent."""

_FIRST_WAIT_S = 0.1
T = TypeVar("T")


class ConductorState(Protocol):
    """What every Conductor state records."""

    @property
    def what(self) -> str:
        """Name it in messages."""

    @property
    def tenant(self) -> str | None:
        """Return where it lives."""

    @property
    def profile(self) -> str | None:
        """Return the profile whose settings reach it."""

    @property
    def person(self) -> str:
        """Return the canonical email of the user that it is about."""

    @property
    def remote_email(self) -> str | None:
        """Return the address as the API spells it, where that is not the canonical one."""


def _addressed(session: ConductorSession, state: ConductorState) -> ConductorSession:
    """Return the session whose requests name the user as its state does: the API may tell cases apart."""
    return replace(session, address=state.remote_email or state.person)


def user_key(session: ConductorSession, email: str) -> Key:
    """Return the key of a user."""
    return Key(session.tenant, Kind.USER, email)


def admin_reason(email: str) -> str:
    """Return the reason against access that is declared for an ADMIN."""
    return f"user: {email} is an ADMIN, whose access this API cannot manage; remove it from the program"


def still_shown(email: str, accounts: str) -> str:
    """Return the reason against a removal that had no effect."""
    return (
        f"user {email}: the API took the removal but still shows {accounts};"
        " it may refuse that for an INACTIVE user: look at it, then run again"
    )


class ConductorHandler(Handler[SpecT, StateT]):
    """A handler whose objects live in Conductor."""

    def session_of(self, state: ConductorState) -> ConductorSession:
        """Return the session that may touch what is recorded; RefusedError when it lives elsewhere."""
        session = self.context.sessions.conductor(state.profile)
        guard_url(state.what, state.tenant, session.tenant, self.context.settings.allow_move())
        return _addressed(session, state)

    def home_of(self, state: ConductorState) -> ConductorSession:
        """Return the session that may delete what is recorded: no move is allowed for that."""
        session = self.context.sessions.conductor(state.profile)
        guard_delete(state.what, state.tenant, session.tenant)
        return _addressed(session, state)

    def tenant_of(self, state: ConductorState) -> Tenant:
        """Return where recorded objects live: the tenant of their profile, or, without its settings, the recorded one.

        That is so only where settings of this run name its URL: else nothing is declared there.
        """
        recorded = Tenant.parse(state.tenant or "")
        is_told = self.context.settings.has_conductor(state.profile) or not self.context.sessions.knows_conductor(
            recorded.url
        )
        return self.context.sessions.conductor_tenant(state.profile) if is_told else recorded

    def guard_delete(self, state: ConductorState) -> None:
        """Refuse a delete over state of another base URL, as far as settings tell without a request."""
        if self.context.settings.has_conductor(state.profile):
            self.home_of(state)

    def verified_here(self, profile: str | None, look: Callable[[], list[str]]) -> list[str]:
        """Return what a look at Conductor says against the declaration, if there are credentials to look with."""
        return self.verified(profile, is_configured=self.context.settings.has_conductor(profile), look=look)

    def say(self, fact: Fact) -> None:
        """Say, once, what is to be done."""
        self.operation.warn_once(str(fact))

    def left_by_reset(self, email: str, profile: str | None) -> frozenset[int] | None:
        """Return the accounts that this run left a user with when it brought it back, or None when it did not."""
        return self.context.reset_grants.get(Key(self.context.sessions.conductor_tenant(profile), Kind.USER, email))

    def guard_diff(self, state: ConductorState) -> None:
        """Fail a plan over state of another base URL, as far as settings tell without a request."""
        if self.context.settings.has_conductor(state.profile):
            self.session_of(state)

    def is_at_home(self, state: ConductorState, session: ConductorSession) -> bool:
        """Say whether the identity that recorded a state is the one that looks now: only its absences are proof."""
        return state.tenant == str(session.tenant)

    def gone(self, state: ConductorState, session: ConductorSession, email: str) -> Missing:
        """Return the verdict over a user whom neither the list nor its own GET knows."""
        if not self.is_at_home(state, session):
            raise RefusedError(
                f"{state.what}: user {email} is not visible to this identity, but another one recorded it; that is no"
                " proof that anything is gone. Use the identity that manages it"
            )
        self.warn(
            f"{state.what}: user {email} is 404 and in no list, so it is taken as gone; it may still be ACTIVE"
            " where this identity cannot see it"
        )
        return Missing(state.what, user_key(session, email))

    def poll_until(
        self, session: ConductorSession, email: str, suits: Callable[[UserRecord], bool], *, looks: int
    ) -> UserRecord | None:
        """Return a user from the first of a few GETs that suits, else from the last: a write may take a moment to show.

        A 404 is final, unless this process has seen the user before.
        """
        record, wait_s = session.cache.fetch(email, session.address), _FIRST_WAIT_S
        for _ in range(looks - 1):
            if suits(record) if record else session.cache.from_cache(email) is None:
                break
            self.context.sleep(wait_s)
            record, wait_s = session.cache.fetch(email, session.address), wait_s * 2
        return record

    def require_user(
        self,
        session: ConductorSession,
        email: str,
        what: str,
        suits: Callable[[UserRecord], bool] = lambda _: True,
        *,
        looks: int = MANY_POLLS,
    ) -> UserRecord:
        """Return a user from a GET made now; RefusedError when this identity cannot see it."""
        record = self.poll_until(session, email, suits, looks=looks)
        if record is None:
            raise RefusedError(
                f"{what}: user {email} is not visible to this identity (404): it may share no account with it any more;"
                " have an Admin look, nothing was written"
            )
        return record

    def deactivate(self, session: ConductorSession, email: str, profile: str | None) -> None:
        """Set a user INACTIVE, within the limit, and believe only an answer that says so."""
        self.spend_deactivation(session, email, profile)
        self.set_status(session, email, UserStatus.INACTIVE.value)

    def activate(self, session: ConductorSession, email: str) -> None:
        """Set a user ACTIVE; what it may reach must have been settled before."""
        self.set_status(session, email, UserStatus.ACTIVE.value)

    def spend_deactivation(self, session: ConductorSession, email: str, profile: str | None) -> None:
        """Count a deactivation against its limit, if there is one: who is INACTIVE already loses nothing."""
        if not self.context.limits.has_deactivation_limit(profile):
            return
        record = session.cache.fetch(email)
        if record is not None and record.status == UserStatus.INACTIVE.value:
            return
        self.context.limits.count_deactivation(email, profile)

    def spend_revocations(self, email: str, accounts: frozenset[int], profile: str | None) -> None:
        """Count the removal of accounts against its limit."""
        self.context.limits.count_revocations(email, accounts, profile)

    def spend_reactivation(self, email: str, profile: str | None) -> None:
        """Count a return to ACTIVE against its limit, before anything of it is written."""
        self.context.limits.count_reactivation(email, profile)

    def revoke(self, session: ConductorSession, email: str, accounts: frozenset[int], profile: str | None) -> None:
        """Take accounts from a user in one call, within the limit, and believe only an answer without them."""
        self.spend_revocations(email, accounts, profile)
        left = self.take(session, email, accounts)
        if still := left & accounts:
            raise RefusedError(still_shown(email, session.cache.names(still)))

    def take(self, session: ConductorSession, email: str, accounts: frozenset[int]) -> frozenset[int]:
        """Take accounts from a user in one call, and return what it has then."""
        left = self.written(
            session,
            email,
            lambda spelling: session.client.remove_user_accounts(spelling, sorted(accounts)),
            shown=lambda seen: None if seen.accounts & accounts else seen.accounts,
        )
        session.cache.record_change(email, accounts=left)
        session.writes.record_removed(email, accounts)
        return left

    def set_status(self, session: ConductorSession, email: str, status: str) -> None:
        """Set the status of a user and believe only an answer that says so."""
        session.cache.doubt_status(email)
        answered = self.written(
            session,
            email,
            lambda spelling: session.client.set_user_status(spelling, status),
            shown=lambda seen: status if seen.status == status else None,
        )
        if answered != status:
            raise OutcomeUnknownError(
                f"user {email}: status set to {status}, but the API answers {answered}; run again"
            )
        session.cache.record_change(email, status=UserStatus(status))

    def give(self, session: ConductorSession, email: str, accounts: frozenset[int]) -> frozenset[int]:
        """Add accounts to a user in one call and return what it has then; an INACTIVE one may not show them."""
        held = self.written(
            session,
            email,
            lambda spelling: session.client.add_user_accounts(spelling, sorted(accounts)),
            shown=lambda seen: (
                seen.accounts if accounts <= seen.accounts or seen.status == UserStatus.INACTIVE.value else None
            ),
        )
        session.cache.record_change(email, accounts=held)
        session.writes.record_added(email, accounts)
        session.cache.record_given(email, accounts)
        return held

    def written(
        self,
        session: ConductorSession,
        email: str,
        write: Callable[[str], T],
        shown: Callable[[UserRecord], T | None],
    ) -> T:
        """Return what a write answers, or, after a success without a usable answer, what a look shows of its effect.

        How the API answers a write is inferred; an empty success must not make every later run fail, too.
        """
        try:
            with session.writes.writing(email):
                return self.spelled(session, email, write)
        except UnexpectedResponseError as error:
            record = self.poll_until(session, email, lambda seen: shown(seen) is not None, looks=MANY_POLLS)
            effect = None if record is None else shown(record)
            if effect is None:
                raise OutcomeUnknownError(
                    f"user {email}: {error}; a look does not show the effect: run again"
                ) from error
            return effect

    def spelled(self, session: ConductorSession, email: str, write: Callable[[str], T]) -> T:
        """Return what a write answers that names the user as the API spells it; a first 404 looks for the spelling."""
        spelling = session.cache.spelling(email, session.address)
        try:
            return write(spelling)
        except NotFoundError:
            record = session.cache.fetch(email, session.address)
            if record is None or record.email == spelling:
                raise
            return write(record.email)
