"""What is said of a user's list and what lives: refusals, and warnings about what is left alone or taken over.

Accounts that the identity does not own cannot be judged by it. Must not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError, RefusedError
from pulumi_conduit.resources.account_access_exclusive.model import (
    AccountAccessExclusiveSpec,
    AccountAccessExclusiveState,
)
from pulumi_conduit.resources.conductor import ConductorHandler
from pulumi_conduit.resources.fields import canonical_email
from pulumi_conduit.warnings import ADOPT, Fact

if TYPE_CHECKING:
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["JudgesLists"]


class JudgesLists(ConductorHandler[AccountAccessExclusiveSpec, AccountAccessExclusiveState]):
    """The part of a list's life in which it is compared with what lives."""

    def outside(self, spec: AccountAccessExclusiveSpec, initial: frozenset[int]) -> list[str]:
        """Return the reasons against initial accounts of a new user that its list lacks."""
        return [
            f"account_ids: {one} is an initial account of user {spec.user} and not in the list"
            for one in sorted(initial - spec.accounts)
        ]

    def require_import(self, session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord) -> None:
        """Refuse an import that is not exactly what is declared."""
        if canonical_email(spec.import_id or "") != spec.user:
            raise InvalidInputError(f"{spec.what}: import_ names another id; this one is '{spec.user}'")
        live = record.accounts & (session.view.accounts().keys() | spec.accounts)
        if live != spec.accounts:
            raise RefusedError(
                f"{spec.what}: import_ never writes, but the list is {session.view.names(live)}; declare it"
            )

    def say_takeover(self, session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord) -> None:
        """Say, once, that a list is taken over which this run has not given itself."""
        is_ours = all(session.view.is_given(spec.user, one) for one in record.accounts)
        if spec.import_id is None and not is_ours and self.run.is_first(f"{self.operation.urn} {spec.user}"):
            held = f"accounts {session.view.names(record.accounts)}" if record.accounts else "no account"
            text = f"{spec.what} exists with {held} and is taken over"
            self.warn(str(Fact(ADOPT, text, record.accounts, url=self.url_of(spec.profile))))

    def refuse_unseen(self, session: ConductorSession, state: AccountAccessExclusiveState, record: UserRecord) -> None:
        """Take no missing account for removed that this identity does not own: answers may hide those."""
        missing = state.accounts - record.accounts
        if missing and (unseen := missing - session.view.accounts().keys()):
            raise RefusedError(
                f"{state.what}: accounts {session.view.names(unseen)} are not shown to this identity, which does not"
                " own them; that is no proof that they are gone. Use the identity that owns them"
            )

    def warn_of_foreign(self, session: ConductorSession, spec: AccountAccessExclusiveSpec, record: UserRecord) -> None:
        """Say which accounts are left alone, since this identity cannot take them away."""
        if foreign := record.accounts - session.view.accounts().keys() - spec.accounts:
            self.warn(f"{spec.what}: left alone, for this identity does not own them: {session.view.names(foreign)}")
