"""The people and companies to adopt, as the states that an `up` would record, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.resources.account_access import AccountAccessState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["Inventory", "LeftOut", "grants_of"]


@dataclass(frozen=True)
class LeftOut:
    """Something that is left out, on one line."""

    what: str
    reason: str
    is_expected: bool = False
    """Whether this identity could not manage it anyway, so that no action is needed."""

    def __str__(self) -> str:
        """Return it as text."""
        return f"{self.what}: {self.reason}"


@dataclass(frozen=True)
class Inventory:
    """The people with their accounts, and the companies, in the order of the files."""

    people: tuple[ConductorUserState, ...] = ()
    companies: tuple[CompanyState, ...] = ()
    account_names: tuple[tuple[int, str], ...] = ()
    """The accounts of these people: ids, and names as the API has them."""
    left_out: tuple[LeftOut, ...] = ()
    profile: str | None = None

    def grants(self) -> int:
        """Count the grants."""
        return sum(len(person.initial_accounts) for person in self.people)


def grants_of(person: ConductorUserState) -> Iterator[AccountAccessState]:
    """Yield a person's grants: one for each account, initial accounts included."""
    for account in person.initial_accounts:
        yield AccountAccessState(
            person.email, account, person.profile, tenant=person.tenant, remote_email=person.remote_email
        )
