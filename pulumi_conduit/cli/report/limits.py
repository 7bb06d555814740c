"""How much a plan may do before somebody must look: limits, and which of them a report exceeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.companies import CompanyChange
from pulumi_conduit.cli.report.person import PersonChange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_conduit.cli.report.report import Report

__all__ = ["LIMITS", "Limit", "LimitResult", "evaluate_limits"]


@dataclass(frozen=True)
class Limit:
    """One option of the command line, how it says what it counts, and in whom it counts it."""

    option: str
    verb: str
    noun: str
    found: Callable[[Report], Sequence[str]]


@dataclass(frozen=True)
class LimitResult:
    """What a limit allows, and every one that counts against it, by address or id."""

    limit: Limit
    allowed: int
    found: tuple[str, ...]

    @property
    def is_exceeded(self) -> bool:
        """Say whether the plan does more."""
        return len(self.found) > self.allowed

    @property
    def option(self) -> str:
        """Return the option as it was given."""
        return self.limit.option if self.limit is PROMOTIONS else f"{self.limit.option} {self.allowed}"


def _people_with(fate: PersonChange) -> Callable[[Report], Sequence[str]]:
    return lambda report: [one.email for one in report.people_with(fate)]


def _revocations(report: Report) -> Sequence[str]:
    return [f"{one.email}:{account}" for one in report.people for account in sorted(one.revoked)]


def _adoptions(report: Report) -> Sequence[str]:
    people = [one.email for one in report.people for _ in range(one.adoptions)]
    return people + [one.company_id for one in report.companies_with(CompanyChange.TAKEN_OVER)]


PROMOTIONS = Limit("--forbid-promotions", "gives type STANDARD to", "person", _people_with(PersonChange.PROMOTED))
LIMITS = {
    "deactivations": Limit("--max-deactivations", "deactivates", "person", _people_with(PersonChange.DEACTIVATED)),
    "revocations": Limit("--max-revocations", "takes away", "single account", _revocations),
    "reactivations": Limit("--max-reactivations", "brings back", "person", _people_with(PersonChange.REACTIVATED)),
    "adoptions": Limit("--max-adoptions", "takes over", "object", _adoptions),
    "promotions": PROMOTIONS,
}
"""What can be limited, by the name that the command and the JSON have for it."""


def evaluate_limits(report: Report, allowed: dict[str, int]) -> list[LimitResult]:
    """Return every limit that was set, with what counts against it."""
    return [LimitResult(LIMITS[name], most, tuple(LIMITS[name].found(report))) for name, most in allowed.items()]
