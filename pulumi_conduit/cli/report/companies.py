"""The effects of a plan on each company."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.person import Tenants
from pulumi_conduit.warnings import ADOPT

if TYPE_CHECKING:
    from pulumi_conduit.cli.report.changes import Change, CompanyObject

__all__ = ["CompanyChange", "CompanyReport", "companies_of"]


class CompanyChange(str, Enum):
    """An effect on a company, most important first."""

    PAGE_OPENS = "page opens"
    PAGE_CLOSES = "page closes"
    ADOPTED = "adopted"
    CREATED = "created"
    NAMED = "gets another name"
    UNMANAGED = "no longer managed"
    RENAMED = "renamed or replaced in the state only"


@dataclass(frozen=True)
class CompanyReport:
    """One company: the effects, whether its page is open afterwards if known, and its names before and after."""

    company_id: str
    profile: str
    effects: tuple[CompanyChange, ...] = ()
    is_open: bool | None = None
    old_name: str | None = None
    new_name: str | None = None

    @property
    def is_changed(self) -> bool:
        """Return whether a reviewer must see it."""
        return bool(set(self.effects) - {CompanyChange.RENAMED})


def companies_of(changes: list[Change[CompanyObject]]) -> list[CompanyReport]:
    """Return every company that the plan names, by id."""
    tenants = Tenants(changes)
    histories: dict[tuple[str, str], list[Change[CompanyObject]]] = defaultdict(list)
    for change in changes:
        one = change.before or change.after
        assert one is not None  # noqa: S101 - a change has a before or an after
        histories[one.company_id.lower(), tenants.of(change)].append(change)
    return [_evaluate_company(histories[key]) for key in sorted(histories)]


def _evaluate_company(changes: list[Change[CompanyObject]]) -> CompanyReport:
    before = next((change.before for change in changes if change.before), None)
    after = next((change.after for change in changes if change.after), None)
    shown = after or before
    assert shown is not None  # noqa: S101 - a change has a before or an after
    effects = _effects(changes, before, after)
    return CompanyReport(
        shown.company_id,
        shown.profile,
        tuple(effect for effect in CompanyChange if effect in effects),
        _is_open(before, after, effects),
        before.name if before else None,
        after.name if after else None,
    )


def _effects(
    changes: list[Change[CompanyObject]], before: CompanyObject | None, after: CompanyObject | None
) -> set[CompanyChange]:
    if before is None:
        assert after is not None  # noqa: S101 - a change has a before or an after
        is_there = after.is_imported or any(change.warnings.has(ADOPT) or change.was_read for change in changes)
        return {CompanyChange.ADOPTED if is_there else CompanyChange.CREATED}
    if after is None:
        is_asked = any(change.is_asked for change in changes)
        closes = is_asked and before.on_destroy == "disable_page" and before.is_open
        return {CompanyChange.UNMANAGED, *({CompanyChange.PAGE_CLOSES} if closes else ())}
    effects = {CompanyChange.RENAMED} if any(change.before is None for change in changes) else set()
    if after.is_open is not None and after.is_open != before.is_open:
        effects.add(CompanyChange.PAGE_OPENS if after.is_open else CompanyChange.PAGE_CLOSES)
    if after.name is not None and after.name != before.name:
        effects.add(CompanyChange.NAMED)
    return effects


def _is_open(before: CompanyObject | None, after: CompanyObject | None, effects: set[CompanyChange]) -> bool | None:
    if CompanyChange.PAGE_CLOSES in effects:
        return False
    if after is not None and after.is_open is not None:
        return after.is_open
    return before.is_open if before else CompanyChange.CREATED in effects or None
