"""What was found and can be declared, as the states that an `up` would have recorded, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.resources.account_access.model import AccountAccessState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["Inventory", "LeftOut", "grants_of"]


@dataclass(frozen=True)
class LeftOut:
    """Something that is not in the code, on one line that is fit to print."""

    what: str
    reason: str
    is_expected: bool = False
    """Whether this identity could not manage it anyway, so that nobody needs to act."""

    def __str__(self) -> str:
        """Say it."""
        return f"{self.what}: {self.reason}"


@dataclass(frozen=True)
class Inventory:
    """The people with their accounts, and the companies, in the order of the files."""

    people: tuple[ConductorUserState, ...] = ()
    companies: tuple[CompanyState, ...] = ()
    account_names: tuple[tuple[int, str], ...] = ()
    """The accounts of these people by id, with names as the API has them, whatever they hold."""
    left_out: tuple[LeftOut, ...] = ()
    profile: str | None = None

    def grants(self) -> int:
        """Count the grants."""
        return sum(len(person.initial_accounts) for person in self.people)


def grants_of(person: ConductorUserState) -> Iterator[AccountAccessState]:
    """Yield a person's grants: one for each account, those that a return would begin with included."""
    for account in person.initial_accounts:
        yield AccountAccessState(
            person.email, account, person.profile, tenant=person.tenant, remote_email=person.remote_email
        )
