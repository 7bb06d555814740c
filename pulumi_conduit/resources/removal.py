"""How accounts are removed from one user: the request is always sent, and only the API's own 404s say "not found".

The API ignores the removal of an account that is not there, so a removal in doubt costs one request, and one that is
left out costs an access: a GET may be late, may hide the accounts of an INACTIVE user, or may have a wrong route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import NotFoundError, RefusedError
from pulumi_conduit.resources.conductor import FEW_POLLS, ConductorHandler, ConductorState, user_key
from pulumi_conduit.resources.missing import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.sessions import ConductorSession

__all__ = ["Removal", "is_inactive"]


@dataclass(frozen=True)
class Removal:
    """The removal of accounts from one user by one identity; the caller holds the user's lock."""

    handler: ConductorHandler[Any, Any]
    session: ConductorSession
    email: str

    def look(self, suits: Callable[[UserRecord], bool]) -> UserRecord | None:
        """Return the user from its own GET, or else from the list; None if both lack it.

        A 404 of the GET under a user that the list shows says more about the route than about the user.
        """
        record = self.handler.poll_until(
            self.session, self.email, lambda seen: is_inactive(seen) or suits(seen), looks=FEW_POLLS
        )
        if record is not None:
            return record
        listed = self.session.cache.from_list(self.email)
        if listed is not None and self.handler.context.warnings.is_first(f"GET of {self.email} is 404"):
            self.handler.warn(
                f"user {self.email}: its GET returned 404, but the list of users shows it; the removal is sent all the"
                " same. Check the route get_user in the route table (CONDUCTOR_ROUTES)"
            )
        return listed

    def send(self, accounts: frozenset[int], record: UserRecord | None) -> frozenset[int] | None:
        """Send the removal and return the accounts that the user has then; None for a user that is not found.

        RefusedError where the write returns 404 and `record`, or the list, shows the user.
        """
        try:
            return self.handler.take(self.session, self.email, accounts)
        except NotFoundError as error:
            if record is None and self.session.cache.from_list(self.email) is None:
                return None
            raise RefusedError(
                f"user {self.email}: the removal of accounts {self.session.cache.names(accounts)} returned 404, but"
                " another response of this run shows the user; nothing was removed. Check CONDUCTOR_URL and the route"
                " change_user_accounts in the route table (CONDUCTOR_ROUTES), then run again"
            ) from error

    def require_owned(self, what: str, accounts: frozenset[int]) -> None:
        """Refuse to remove accounts that this identity does not own: what it is shown of them proves nothing."""
        if foreign := accounts - self.session.cache.accounts().keys():
            raise RefusedError(
                f"{what}: not removed, because this identity does not own accounts"
                f" {self.session.cache.names(foreign)} and may not be shown them; use the identity that owns them"
            )

    def confirm_not_found(self, state: ConductorState) -> None:
        """Warn that a user is not found.

        RefusedError where another identity recorded it, for then that proves nothing, and where too many are missing.
        """
        if not self.handler.is_at_home(state, self.session):
            raise RefusedError(
                f"{state.what}: not removed, because user {self.email} is not visible to this identity (404), but"
                " another identity recorded it; use the identity that recorded it"
            )
        self.handler.confirm_missing(Missing(state.what, user_key(self.session, self.email)), state.profile)
        self.handler.warn(
            f"{state.what}: user {self.email} is not found (404, and in no list), so this is removed from state only"
        )


def is_inactive(record: UserRecord) -> bool:
    """Say whether a user is INACTIVE, whose accounts the API may hide."""
    return record.status is UserStatus.INACTIVE
