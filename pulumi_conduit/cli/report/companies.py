"""What a plan does to each company. Knows moves, and no report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.access import Tenants
from pulumi_conduit.warnings import ADOPT

if TYPE_CHECKING:
    from pulumi_conduit.cli.report.changes import Change
    from pulumi_conduit.cli.report.objects import CompanyObject

__all__ = ["CompanyChange", "CompanyReport", "companies_of"]


class CompanyChange(str, Enum):
    """What happens to a company, in the order in which it matters to a reviewer."""

    PAGE_OPENS = "page opens"
    PAGE_CLOSES = "page closes"
    TAKEN_OVER = "taken over"
    CREATED = "created"
    NAMED = "gets another name"
    FORGOTTEN = "no longer managed"
    RENAMED = "renamed in the program only"


@dataclass(frozen=True)
class CompanyReport:
    """One company: what happens, its page after it where that is known, and its names before and after."""

    company_id: str
    profile: str
    fates: tuple[CompanyChange, ...] = ()
    is_open: bool | None = None
    old_name: str | None = None
    new_name: str | None = None

    @property
    def is_changed(self) -> bool:
        """Say whether a reviewer must look."""
        return bool(set(self.fates) - {CompanyChange.RENAMED})


def companies_of(moves: list[Change[CompanyObject]]) -> list[CompanyReport]:
    """Return every company that the plan names, by id."""
    tenants = Tenants(moves)
    files: dict[tuple[str, str], list[Change[CompanyObject]]] = defaultdict(list)
    for move in moves:
        one = move.before or move.after
        assert one is not None  # noqa: S101 - a move has a side
        files[one.company_id.lower(), tenants.of(move)].append(move)
    return [_story(files[key]) for key in sorted(files)]


def _story(moves: list[Change[CompanyObject]]) -> CompanyReport:
    before = next((move.before for move in moves if move.before), None)
    after = next((move.after for move in moves if move.after), None)
    shown = after or before
    assert shown is not None  # noqa: S101 - a move has a side
    fates = _fates(moves, before, after)
    return CompanyReport(
        shown.company_id,
        shown.profile,
        tuple(fate for fate in CompanyChange if fate in fates),
        _is_open(before, after, fates),
        before.name if before else None,
        after.name if after else None,
    )


def _fates(
    moves: list[Change[CompanyObject]], before: CompanyObject | None, after: CompanyObject | None
) -> set[CompanyChange]:
    if before is None:
        assert after is not None  # noqa: S101 - a move has a side
        is_there = after.is_imported or any(move.said.has(ADOPT) or move.was_read for move in moves)
        return {CompanyChange.TAKEN_OVER if is_there else CompanyChange.CREATED}
    if after is None:
        is_asked = any(move.is_asked for move in moves)
        closes = is_asked and before.on_destroy == "disable_page" and before.is_open
        return {CompanyChange.FORGOTTEN, *({CompanyChange.PAGE_CLOSES} if closes else ())}
    fates = {CompanyChange.RENAMED} if any(move.before is None for move in moves) else set()
    if after.is_open is not None and after.is_open != before.is_open:
        fates.add(CompanyChange.PAGE_OPENS if after.is_open else CompanyChange.PAGE_CLOSES)
    if after.name is not None and after.name != before.name:
        fates.add(CompanyChange.NAMED)
    return fates


def _is_open(before: CompanyObject | None, after: CompanyObject | None, fates: set[CompanyChange]) -> bool | None:
    if CompanyChange.PAGE_CLOSES in fates:
        return False
    if after is not None and after.is_open is not None:
        return after.is_open
    return before.is_open if before else CompanyChange.CREATED in fates or None
