"""The writes to one user by one identity: accounts, status and type, each within the limits and confirmed.

How the API responds to a write is inferred, so an empty success is followed by a few GETs. The API ignores the removal
of an account that is not there, so a removal in doubt costs one request, and one that is left out costs an access: a
GET may be late, may hide the accounts of an INACTIVE user, or may have a wrong route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import NotFoundError, OutcomeUnknownError, RefusedError, UnexpectedResponseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.lifecycle import Operation
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["FEW_POLLS", "MANY_POLLS", "AccessWriter", "is_inactive", "user_of"]

MANY_POLLS = 6
FEW_POLLS = 3
"""How many GETs to make for what GETs are known to be late with, and where that is only prudent."""

_FIRST_WAIT_S = 0.1
T = TypeVar("T")


def user_of(what: str) -> str:
    """Begin a message about the user of a resource, whose address its name has already."""
    return f"{what}:" if what.startswith("user ") else f"{what}: the user is"


@dataclass(frozen=True)
class AccessWriter:
    """The writes to one user, on behalf of one resource; the caller holds the user's lock."""

    operation: Operation
    session: ConductorSession
    email: str
    what: str
    """The resource in messages."""
    profile: str | None
    """The profile whose limits count."""

    def add(self, accounts: frozenset[int]) -> frozenset[int]:
        """Add accounts in one request and return what the user has then; an INACTIVE one may not show them."""
        held = self.confirm_write(
            lambda spelling: self.session.client.add_user_accounts(spelling, sorted(accounts)),
            lambda seen: seen.accounts if accounts <= seen.accounts or is_inactive(seen) else None,
        )
        self.session.cache.record_change(self.email, accounts=held)
        self.session.writes.record_added(self.email, accounts)
        self.session.cache.record_own_addition(self.email, accounts)
        return held

    def remove(self, accounts: frozenset[int]) -> frozenset[int]:
        """Remove accounts in one request, and return what the user has then; no limit counts."""
        left = self.confirm_write(
            lambda spelling: self.session.client.remove_user_accounts(spelling, sorted(accounts)),
            lambda seen: None if seen.accounts & accounts else seen.accounts,
        )
        self.session.cache.record_change(self.email, accounts=left)
        self.session.writes.record_removed(self.email, accounts)
        return left

    def revoke(self, accounts: frozenset[int]) -> None:
        """Remove accounts in one request, within the limit; RefusedError where the response still shows one."""
        self.count_revocations(accounts)
        self.require_removed(accounts, self.remove(accounts))

    def remove_or_miss(self, accounts: frozenset[int], record: UserRecord | None) -> frozenset[int] | None:
        """Remove accounts and return what the user has then; None for a user that is not found.

        RefusedError where the write returns 404 and `record`, or the list, shows the user.
        """
        try:
            return self.remove(accounts)
        except NotFoundError as error:
            if record is None and self.session.cache.from_list(self.email) is None:
                return None
            raise RefusedError(
                f"user {self.email}: the removal of accounts {self.session.cache.names(accounts)} returned 404, but"
                " another response of this run shows the user; nothing was removed. Check CONDUCTOR_URL and the route"
                " change_user_accounts in the route table (CONDUCTOR_ROUTES), then run again"
            ) from error

    def require_removed(self, accounts: frozenset[int], left: frozenset[int]) -> None:
        """Refuse to report accounts as removed that the user still has."""
        if still := left & accounts:
            raise RefusedError(
                f"user {self.email}: the API accepted the removal but still shows {self.session.cache.names(still)};"
                " it may refuse that for an INACTIVE user: check the user, then run again"
            )

    def require_owned(self, accounts: frozenset[int]) -> None:
        """Refuse to remove accounts that this identity does not own: what it is shown of them proves nothing."""
        if foreign := accounts - self.session.cache.accounts().keys():
            raise RefusedError(
                f"{self.what}: not removed, because this identity does not own accounts"
                f" {self.session.cache.names(foreign)} and may not be shown them; use the identity that owns them"
            )

    def deactivate(self) -> None:
        """Set the user INACTIVE, within the limit."""
        self.count_deactivation()
        self.set_status(UserStatus.INACTIVE)

    def set_status(self, status: UserStatus) -> None:
        """Set the status; no limit counts, and what an ACTIVE user may reach must have been settled before."""
        self.session.cache.doubt_status(self.email)
        self._set(
            "status",
            status.value,
            lambda spelling: self.session.client.set_user_status(spelling, status.value),
            lambda seen: status.value if seen.status == status.value else None,
        )
        self.session.cache.record_change(self.email, status=status)

    def set_type(self, kind: str) -> None:
        """Set the type."""
        if kind == UserType.ADMIN.value:  # kept as recorded, under ignore_changes; the user is none any more
            raise RefusedError(f"{self.what}: its type cannot be set to ADMIN; run `pulumi refresh`, then again")
        self._set(
            "type",
            kind,
            lambda spelling: self.session.client.set_user_type(spelling, kind),
            lambda seen: kind if seen.type == kind else None,
        )
        self.session.cache.record_change(self.email, type=kind)

    def count_deactivation(self, *, is_recorded_inactive: bool = False) -> None:
        """Count a deactivation against its limit, if there is one: a user who is INACTIVE already loses nothing.

        What the state records counts only for a user who is not found; the report counts by the same rule.
        """
        limits = self.operation.context.limits
        if not limits.has_deactivation_limit(self.profile):
            return
        record = self.session.cache.fetch(self.email)
        if not (is_recorded_inactive if record is None else is_inactive(record)):
            limits.count_deactivation(self.session.user_key(self.email), self.profile)

    def count_revocations(self, accounts: frozenset[int]) -> None:
        """Count the removal of accounts against its limit."""
        self.operation.context.limits.count_revocations(self.email, accounts, self.profile)

    def count_reactivation(self) -> None:
        """Count a reactivation against its limit, before anything of it is written."""
        self.operation.context.limits.count_reactivation(self.email, self.profile)

    def poll_until(self, suits: Callable[[UserRecord], bool], *, polls: int) -> UserRecord | None:
        """Return the user from the first of a few GETs that suits, else from the last: a write may take time to show.

        A 404 is final, unless this process has seen the user before.
        """
        cache, address = self.session.cache, self.session.address
        record, wait_s = cache.fetch(self.email, address), _FIRST_WAIT_S
        for _ in range(polls - 1):
            if suits(record) if record else cache.from_cache(self.email) is None:
                break
            self.operation.context.sleep(wait_s)
            record, wait_s = cache.fetch(self.email, address), wait_s * 2
        return record

    def require_user(
        self, suits: Callable[[UserRecord], bool] = lambda _: True, *, polls: int = MANY_POLLS
    ) -> UserRecord:
        """Return the user from a GET made now; RefusedError when this identity cannot see it."""
        record = self.poll_until(suits, polls=polls)
        if record is None:
            raise RefusedError(
                f"{user_of(self.what)} not visible to this identity (404): it may share no account with it any more;"
                " have an Admin check it, nothing was written"
            )
        return record

    def find_for_removal(self, suits: Callable[[UserRecord], bool]) -> UserRecord | None:
        """Return the user from its own GET, or else from the list; None if both lack it.

        A 404 of the GET of a user that the list shows is more likely about the route than about the user.
        """
        record = self.poll_until(lambda seen: is_inactive(seen) or suits(seen), polls=FEW_POLLS)
        if record is not None:
            return record
        listed = self.session.cache.from_list(self.email)
        if listed is not None and self.operation.context.first_times.is_first(f"GET of {self.email} is 404"):
            self.operation.warn(
                f"user {self.email}: its GET returned 404, but the list of users shows it; the removal is sent all the"
                " same. Check the route get_user in the route table (CONDUCTOR_ROUTES)"
            )
        return listed

    def confirm_write(self, write: Callable[[str], T], effect_in: Callable[[UserRecord], T | None]) -> T:
        """Return what a write returns, or, after a success without a usable response, its effect in a GET.

        An empty success must not make every later run fail, too.
        """
        try:
            with self.session.writes.writing(self.email):
                return self._write_spelled(write)
        except UnexpectedResponseError as error:
            record = self.poll_until(lambda seen: effect_in(seen) is not None, polls=MANY_POLLS)
            effect = None if record is None else effect_in(record)
            if effect is None:
                raise OutcomeUnknownError(
                    f"user {self.email}: {error}; a GET does not show the effect: run again"
                ) from error
            return effect

    def _set(
        self, name: str, value: str, write: Callable[[str], str], effect_in: Callable[[UserRecord], str | None]
    ) -> None:
        """Set one property, and accept only a response that has it."""
        returned = self.confirm_write(write, effect_in)
        if returned != value:
            raise OutcomeUnknownError(
                f"user {self.email}: {name} set to {value}, but the API returned {returned}; run again"
            )

    def _write_spelled(self, write: Callable[[str], T]) -> T:
        """Return what a write returns that names the user as the API spells it; a first 404 finds the spelling."""
        spelling = self.session.cache.spelling(self.email, self.session.address)
        try:
            return write(spelling)
        except NotFoundError:
            record = self.session.cache.fetch(self.email, self.session.address)
            if record is None or record.email == spelling:
                raise
            return write(record.email)


def is_inactive(record: UserRecord) -> bool:
    """Say whether a user is INACTIVE, whose accounts the API may hide."""
    return record.status is UserStatus.INACTIVE
