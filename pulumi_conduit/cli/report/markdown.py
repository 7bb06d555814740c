"""A report as a comment on a pull request: GitHub's and GitLab's Markdown, within the size of a comment.

All text from outside is in code spans, and never at the start of a line, where GitLab looks for commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report.wording import Formatter, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_conduit.cli.report.limits import LimitResult
    from pulumi_conduit.cli.report.report import Report

__all__ = ["MARK", "render"]

MARK = "<!-- pulumi-conduit report -->"
"""The first line of every comment, by which a pipeline finds the one to replace."""

_VOICE = Formatter(escaping.markdown, lambda text: f"**{text}**")
_MOST_CHARACTERS = 60_000  # GitHub takes 65,536
_FOR_THE_REST = 8_000


def render(report: Report, judgements: Sequence[LimitResult]) -> str:
    """Return the report in Markdown."""
    words = Wording(report, judgements, _VOICE)
    parts = [MARK, f"### Access plan: {words.headline()}", *(f"> {alarm}" for alarm in words.alarms())]
    room = _MOST_CHARACTERS - _FOR_THE_REST - sum(map(len, parts))
    people = [(words.who(one), words.what(one), words.gains(one), words.loses(one)) for one in report.changed_people]
    table, room = _table(("Person", "What happens", "Gains", "Loses"), people, room)
    companies = [(words.company(one), words.company_what(one)) for one in report.changed_companies]
    parts += [table, _table(("Company", "What happens"), companies, room)[0], *words.notes(), _warnings(words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> tuple[str, int]:
    """Return a table of as many rows as there is room for, which says what it leaves out, and the room that is left."""
    if not rows:
        return "", room
    lines = [_row(heads), _row(["---"] * len(heads))]
    shown, room = _fitting([_row(row) for row in rows], room)
    lines += shown
    if len(shown) < len(rows):
        lines += ["", f"**{len(rows) - len(shown)} more do not fit here**: see the report as HTML or JSON."]
    return "\n".join(lines), room


def _fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    shown = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    return shown, max(room, 0)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _warnings(words: Wording) -> str:
    listed = [f"- {one}" for one in words.warnings()]
    if not listed:
        return ""
    shown, _ = _fitting(listed, _FOR_THE_REST - 1_000)
    rest = [f"- and {len(listed) - len(shown)} more"] if len(shown) < len(listed) else []
    lines = "\n".join([*shown, *rest])
    return f"<details><summary>Warnings of the preview: {len(listed)}</summary>\n\n{lines}\n\n</details>"
