"""Renders a report as Markdown for a pull request comment on GitHub or GitLab, within the size of a comment.

Untrusted text is in code spans, and never at the start of a line, where GitLab parses commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report.wording import Formatter, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_conduit.cli.report.report import LimitResult, Report

__all__ = ["MARK", "render"]

MARK = "<!-- pulumi-conduit report -->"
"""The first line of every comment, by which a pipeline finds the one to replace."""

_MOST_ACCOUNTS = 30  # a row that does not fit would leave out who it is about, and all after it
_FORMATTER = Formatter(escaping.markdown, lambda text: f"**{text}**", _MOST_ACCOUNTS)
_MOST_CHARACTERS = 60_000  # GitHub takes 65,536
_FOR_THE_REST = 8_000


def render(report: Report, results: Sequence[LimitResult]) -> str:
    """Return the report in Markdown."""
    words = Wording(report, results, _FORMATTER)
    parts = [MARK, f"### Access plan: {words.headline()}", words.origin(), *(f"> {one}" for one in words.alarms())]
    budget = _MOST_CHARACTERS - _FOR_THE_REST - sum(map(len, parts))
    people = [
        (words.format_person(one), words.format_effects(one), words.gains(one), words.loses(one))
        for one in report.changed_people
    ]
    table, budget = _table(("Person", "What happens", "Gains", "Loses"), people, budget)
    companies = [(words.format_company(one), words.format_company_effects(one)) for one in report.changed_companies]
    parts += [table, _table(("Company", "What happens"), companies, budget)[0], *words.notes(), _warnings(words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], budget: int) -> tuple[str, int]:
    """Return a table of as many rows as fit, with a line about omitted ones, and the remaining budget."""
    if not rows:
        return "", budget
    lines = [_row(heads), _row(["---"] * len(heads))]
    shown, budget = _take_fitting([_row(row) for row in rows], budget)
    lines += shown
    if len(shown) < len(rows):
        lines += ["", f"**{len(rows) - len(shown)} more do not fit here**: see the report as HTML or JSON."]
    return "\n".join(lines), budget


def _take_fitting(lines: Sequence[str], budget: int) -> tuple[list[str], int]:
    shown = []
    for line in lines:
        budget -= len(line) + 1
        if budget < 0:
            break
        shown.append(line)
    return shown, max(budget, 0)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _warnings(words: Wording) -> str:
    listed = [f"- {one}" for one in words.warnings()]
    if not listed:
        return ""
    shown, _ = _take_fitting(listed, _FOR_THE_REST - 1_000)
    rest = [f"- and {len(listed) - len(shown)} more"] if len(shown) < len(listed) else []
    lines = "\n".join([*shown, *rest])
    return f"<details><summary>Warnings of the preview: {len(listed)}</summary>\n\n{lines}\n\n</details>"
