"""Limits on a plan, and which of them a report exceeds."""

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
