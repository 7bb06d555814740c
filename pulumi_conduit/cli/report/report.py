"""The report of a plan as data, for all formats, and the limits that a plan may be held to."""

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
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["LIMITS", "Limit", "LimitResult", "Report", "evaluate_limits", "read_report"]


@dataclass(frozen=True)
class Report:
    """What a plan does to people and companies, and the names of accounts as far as they are known.

    `stacks` are the plan's, as `project/stack`; `reported_at` is a time for a person to read, or empty.
    `unverified` is why nothing was compared with the APIs, or None. `shows_kept`: the plan has unchanged resources;
    `is_part`: the stack has, or had, one shard of a roster only.
    """

    people: tuple[PersonReport, ...]
    companies: tuple[CompanyReport, ...]
    warnings: tuple[PlanDiagnostic, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    unverified: str | None = None
    shows_kept: bool = False
    is_part: bool = False
    names: Mapping[int, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    reported_at: str = ""

    @property
    def changed_people(self) -> list[PersonReport]:
        """Return the people with effects, most important first."""
        order = {effect: place for place, effect in enumerate(PersonChange)}
        changed = [one for one in self.people if one.is_changed]
        return sorted(changed, key=lambda one: min((order[effect] for effect in one.effects), default=len(order)))

    @property
    def changed_companies(self) -> list[CompanyReport]:
        """Return the companies with effects, most important first."""
        order = {effect: place for place, effect in enumerate(CompanyChange)}
        changed = [one for one in self.companies if one.is_changed]
        return sorted(changed, key=lambda one: min(order[effect] for effect in one.effects))

    def people_with(self, effect: PersonChange) -> list[PersonReport]:
        """Return the people with an effect."""
        return [one for one in self.people if effect in one.effects]

    def companies_with(self, effect: CompanyChange) -> list[CompanyReport]:
        """Return the companies with an effect."""
        return [one for one in self.companies if effect in one.effects]

    def people_who(self, has: Callable[[PersonReport], bool]) -> list[PersonReport]:
        """Return the people who meet a condition."""
        return [one for one in self.people if has(one)]

    @property
    def gaining(self) -> list[PersonReport]:
        """Return the people who gain an account."""
        return [one for one in self.people if one.gained]

    @property
    def losing(self) -> list[PersonReport]:
        """Return the people who lose an account and are not deactivated."""
        return [one for one in self.people if one.lost and PersonChange.DEACTIVATED not in one.effects]

    @property
    def only_renamed(self) -> int:
        """Count the renames that the engine plans as create and delete, without an effect."""
        people = [one for one in self.people_with(PersonChange.RENAMED) if not one.is_changed]
        companies = [one for one in self.companies_with(CompanyChange.RENAMED) if not one.is_changed]
        return len(people) + len(companies)


def read_report(text: str, *, is_unverified_allowed: bool = False) -> Report:
    """Return the report of a plan; InvalidInputError lists every reason if that fails."""
    plan = read_plan(text)
    changes = read_changes(plan)
    if changes.unverified is not None and not is_unverified_allowed:
        raise InvalidInputError(
            f"the plan is not verified: {escaped(changes.unverified)}; use credentials, or pass --allow-unverified"
        )
    return Report(
        tuple(people_of(changes)),
        tuple(companies_of(list(changes.companies))),
        tuple(sorted(changes.warnings, key=lambda one: (one.urn, one.message))),  # the order of steps varies
        changes.others,
        changes.unverified,
        changes.shows_sames,
        changes.is_part,
        stacks=plan.stacks,
    )


@dataclass(frozen=True)
class Limit:
    """One option of the command line, the words for what it counts, and how it counts."""

    option: str
    verb: str
    noun: str
    found: Callable[[Report], Sequence[str]]


@dataclass(frozen=True)
class LimitResult:
    """What a limit allows, and what counts against it, by address or id."""

    limit: Limit
    allowed: int
    found: tuple[str, ...]

    @property
    def is_exceeded(self) -> bool:
        """Return whether the plan exceeds the limit."""
        return len(self.found) > self.allowed

    @property
    def option(self) -> str:
        """Return the option as it was given."""
        return self.limit.option if self.limit is PROMOTIONS else f"{self.limit.option} {self.allowed}"


def _people_with(effect: PersonChange) -> Callable[[Report], Sequence[str]]:
    return lambda report: [one.email for one in report.people_with(effect)]


def _revocations(report: Report) -> Sequence[str]:
    return [f"{one.email}:{account}" for one in report.people for account in sorted(one.revoked)]


def _adoptions(report: Report) -> Sequence[str]:
    people = [one.email for one in report.people for _ in range(one.adoptions)]
    return people + [one.company_id for one in report.companies_with(CompanyChange.ADOPTED)]


PROMOTIONS = Limit("--forbid-promotions", "gives type STANDARD to", "person", _people_with(PersonChange.PROMOTED))
LIMITS = {
    "deactivations": Limit("--max-deactivations", "deactivates", "person", _people_with(PersonChange.DEACTIVATED)),
    "revocations": Limit("--max-revocations", "revokes", "account", _revocations),
    "reactivations": Limit("--max-reactivations", "reactivates", "person", _people_with(PersonChange.REACTIVATED)),
    "adoptions": Limit("--max-adoptions", "adopts", "object", _adoptions),
    "promotions": PROMOTIONS,
}
"""The limits, by their name in the command and the JSON."""


def evaluate_limits(report: Report, allowed: dict[str, int]) -> list[LimitResult]:
    """Return every limit that was set, with what counts against it."""
    return [LimitResult(LIMITS[name], most, tuple(LIMITS[name].found(report))) for name, most in allowed.items()]
