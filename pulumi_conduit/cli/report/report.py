"""A whole plan as data: what every format tells. Knows none of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.changes import read_changes
from pulumi_conduit.cli.report.companies import CompanyChange, CompanyReport, companies_of
from pulumi_conduit.cli.report.people import people_of
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.cli.report.plan import PlanDiagnostic, read_plan
from pulumi_conduit.errors import InvalidInputError, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Report", "read_report"]


@dataclass(frozen=True)
class Report:
    """What a plan does to people and companies, and the names of accounts as far as they are known.

    `unverified` is why nothing was compared with what lives, or None. `shows_kept` says that the plan holds what it
    does not change, too; `is_part` that the stack has, or had, a part of a roster only.
    """

    people: tuple[PersonReport, ...]
    companies: tuple[CompanyReport, ...]
    warnings: tuple[PlanDiagnostic, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    unverified: str | None = None
    shows_kept: bool = False
    is_part: bool = False
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def changed_people(self) -> list[PersonReport]:
        """Return whom a reviewer must look at, the gravest first."""
        order = {fate: place for place, fate in enumerate(PersonChange)}
        changed = [one for one in self.people if one.is_changed]
        return sorted(changed, key=lambda one: min((order[fate] for fate in one.fates), default=len(order)))

    @property
    def changed_companies(self) -> list[CompanyReport]:
        """Return the companies that a reviewer must look at, the gravest first."""
        order = {fate: place for place, fate in enumerate(CompanyChange)}
        changed = [one for one in self.companies if one.is_changed]
        return sorted(changed, key=lambda one: min(order[fate] for fate in one.fates))

    def people_with(self, fate: PersonChange) -> list[PersonReport]:
        """Return everybody to whom something happens."""
        return [one for one in self.people if fate in one.fates]

    def companies_with(self, fate: CompanyChange) -> list[CompanyReport]:
        """Return every company to which something happens."""
        return [one for one in self.companies if fate in one.fates]

    def people_who(self, has: Callable[[PersonReport], bool]) -> list[PersonReport]:
        """Return everybody of whom something holds."""
        return [one for one in self.people if has(one)]

    @property
    def gaining(self) -> list[PersonReport]:
        """Return who gains an account."""
        return [one for one in self.people if one.gained]

    @property
    def losing(self) -> list[PersonReport]:
        """Return who loses an account and stays."""
        return [one for one in self.people if one.lost and PersonChange.DEACTIVATED not in one.fates]

    @property
    def only_renamed(self) -> int:
        """Count what is a create and a delete of one key to the engine, and nothing to anybody else."""
        people = [one for one in self.people_with(PersonChange.RENAMED) if not one.is_changed]
        companies = [one for one in self.companies_with(CompanyChange.RENAMED) if not one.is_changed]
        return len(people) + len(companies)


def read_report(text: str, *, is_unverified_allowed: bool = False) -> Report:
    """Return what a plan does; InvalidInputError, with every reason, where that cannot be told."""
    moves = read_changes(read_plan(text))
    if moves.unverified is not None and not is_unverified_allowed:
        raise InvalidInputError(
            f"the plan is not verified: {escaped(moves.unverified)}; use credentials, or say --allow-unverified"
        )
    return Report(
        tuple(people_of(moves)),
        tuple(companies_of(list(moves.companies))),
        tuple(sorted(moves.warnings, key=lambda one: (one.urn, one.message))),  # steps come in another order each time
        moves.others,
        moves.unverified,
        moves.shows_sames,
        moves.is_part,
    )
