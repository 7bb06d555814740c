"""Renders a report as plain text, without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report.wording import Formatter, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_conduit.cli.report.person import PersonReport
    from pulumi_conduit.cli.report.report import LimitResult, Report

__all__ = ["render"]

_FORMATTER = Formatter(escaping.terminal)


def render(report: Report, results: Sequence[LimitResult]) -> str:
    """Return the report in plain text."""
    words = Wording(report, results, _FORMATTER)
    origin = [words.origin()] if words.origin() else []
    lines = [f"Access plan: {words.headline()}", *origin, *(f"! {alarm}" for alarm in words.alarms()), ""]
    for person in report.changed_people:
        lines += _person(words, person)
    for company in report.changed_companies:
        lines += [f"company {words.format_company(company)}", f"    {words.format_company_effects(company)}"]
    lines += [f"note: {note}" for note in words.notes()]
    lines += [f"warning: {one}" for one in words.warnings()]
    return "\n".join(lines).rstrip("\n") + "\n"


def _person(words: Wording, person: PersonReport) -> list[str]:
    gains, loses = words.gains(person), words.loses(person)
    lines = [f"person {words.format_person(person)}", f"    {words.format_effects(person)}"]
    lines += [f"    gains {gains}"] if gains else []
    return lines + ([f"    loses {loses}"] if loses else [])
