"""Renders a report as JSON, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.cli.report.report import LIMITS, LimitResult

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pulumi_conduit.cli.report.companies import CompanyReport
    from pulumi_conduit.cli.report.report import Report

__all__ = ["FORMAT", "render"]

FORMAT = 1
"""Increased when a key changes its meaning or is removed, not when one is added."""


def render(report: Report, results: Sequence[LimitResult]) -> str:
    """Return the report as JSON."""
    return escaping.json_text(as_data(report, results)) + "\n"


def as_data(report: Report, results: Sequence[LimitResult]) -> dict[str, Any]:
    """Return what the JSON holds."""
    return {
        "format": FORMAT,
        "stacks": list(report.stacks),
        "reported_at": report.reported_at or None,
        "unverified": report.unverified,
        "counts": _counts(report),
        "limits": [_limit(one) for one in results],
        "people": [_person(report, one) for one in report.people],
        "companies": [_company(one) for one in report.companies],
        "other_resources": dict(report.others),
        "warnings": [{"resource": one.urn, "message": one.message} for one in report.warnings],
    }


def _counts(report: Report) -> dict[str, int]:
    limited = {name: len(limit.found(report)) for name, limit in LIMITS.items()}
    return {
        **limited,
        "demotions": len(report.people_with(PersonChange.DEMOTED)),
        "created": len(report.people_with(PersonChange.CREATED)),
        "gaining": len(report.gaining),
        "losing": len(report.losing),
        "only_renamed": report.only_renamed,
    }


def _limit(one: LimitResult) -> dict[str, Any]:
    return {
        "option": one.limit.option,
        "allowed": one.allowed,
        "found": list(one.found),
        "is_exceeded": one.is_exceeded,
    }


def _person(report: Report, one: PersonReport) -> dict[str, Any]:
    return {
        "email": one.email,
        "profile": one.profile or None,
        "name": one.name or None,
        "type": one.type or None,
        "was_active": one.was_active,
        "is_active": one.is_active,
        "is_changed": one.is_changed,
        "happens": [effect.name.lower() for effect in one.effects],
        "gains": _accounts(report, one.gained),
        "loses": _accounts(report, one.lost),
        "keeps_without_grant": _accounts(report, one.kept),
        "may_lose": _accounts(report, one.may_lose),
        "found": sorted(one.found),
        "revoked": sorted(one.revoked),
        "before": sorted(one.before),
        "after": sorted(one.after),
        "adoptions": one.adoptions,
        "was_adopted": one.was_adopted,
        "is_removed": one.is_removed,
    }


def _accounts(report: Report, accounts: Collection[int]) -> list[dict[str, Any]]:
    return [{"account_id": one, "name": report.names.get(one)} for one in sorted(accounts)]


def _company(one: CompanyReport) -> dict[str, Any]:
    return {
        "company_id": one.company_id,
        "profile": one.profile or None,
        "is_changed": one.is_changed,
        "happens": [effect.name.lower() for effect in one.effects],
        "page_enabled": one.is_open,
        "name_before": one.old_name,
        "name_after": one.new_name,
    }
