"""Compares a tenant with stack exports, and refuses when a comparison would prove nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.declared import Declaration, Declared, stacks_of
from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind
from pulumi_conduit.cli.audit.people import PeopleComparison
from pulumi_conduit.cli.audit.stacks import declared_twice, given_twice, other_tenants, pending
from pulumi_conduit.cli.progress import SILENT
from pulumi_conduit.errors import NotFoundError, RefusedError, UnexpectedResponseError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.cli.progress import ProgressDisplay
    from pulumi_conduit.cli.stack_export import Export
    from pulumi_conduit.resources.provider_context import ProviderContext
    from pulumi_conduit.resources.tenant import Tenant

__all__ = ["Audit", "audit"]


def company_findings(
    client: LinkClient, declared: Mapping[str, list[Declaration]], workers: int, display: ProgressDisplay
) -> list[AuditFinding]:
    """GET every declared company, with at most `workers` requests at a time."""
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda company_id: _check_company(client, company_id, declared[company_id]), sorted(declared))
        return [finding for finding in display.run("companies", found, len(declared)) if finding]


def _check_company(client: LinkClient, company_id: str, declarations: list[Declaration]) -> AuditFinding | None:
    try:
        client.get_company(company_id)
    except NotFoundError:
        return AuditFinding(FindingKind.MISSING_COMPANY, company_id, stacks=stacks_of(declarations))
    except UnexpectedResponseError as error:
        return AuditFinding(FindingKind.UNCLEAR, company_id, str(error), stacks=stacks_of(declarations))
    return None


@dataclass(frozen=True)
class Audit:
    """The findings, by kind, and what was compared."""

    stacks: tuple[str, ...]
    compared_with: tuple[str, ...]
    findings: tuple[AuditFinding, ...]
    audited_at: str = ""

    def problems(self, accepted: Collection[str] = ()) -> list[AuditFinding]:
        """Return the findings that need action, without the accepted kinds."""
        return [one for one in self.findings if one.kind.is_problem and one.kind.code not in accepted]


def audit(  # noqa: PLR0913 - what is compared, and how it is shown
    run: ProviderContext,
    profile: str | None,
    exports: Sequence[Export],
    *,
    with_users: bool = True,
    with_companies: bool = True,
    display: ProgressDisplay = SILENT,
) -> Audit:
    """Compare the APIs with the exports; RefusedError if nothing can be compared."""
    declared = Declared(exports, run.settings.allow_move())
    parts = [
        _people(run, profile, declared, display) if with_users else _left_out("people"),
        _companies(run, profile, declared, display) if with_companies else _left_out("companies"),
    ]
    found = [*given_twice(declared.given), *declared_twice(declared), *pending(declared.exports)]
    found += [one for part in parts for one in part[1]]
    found += _too_many_missing(found, run.settings.max_missing(profile))
    order = list(FindingKind)
    return Audit(
        stacks=tuple(export.stack for export in declared.exports),
        compared_with=tuple(part[0] for part in parts),
        findings=tuple(sorted(found, key=lambda one: (order.index(one.kind), one.subject))),
    )


_Part = tuple[str, list[AuditFinding]]


def _people(run: ProviderContext, profile: str | None, declared: Declared, display: ProgressDisplay) -> _Part:
    session = run.sessions.conductor(profile)
    here, recorded = session.tenant, declared.of_people()
    _require_one([one for one in recorded if one.recorded.tenant.url == here.url], recorded, here, "users and grants")
    people = PeopleComparison(session, declared.people_at(here.url))
    found = [*people.findings(run.settings.workers(), display), *other_tenants(recorded, here)]
    return f"{people.count} people visible to {here.identity} at {here.url}", found


def _companies(run: ProviderContext, profile: str | None, declared: Declared, display: ProgressDisplay) -> _Part:
    recorded = declared.of_companies()
    if not recorded:
        return "no company: none is in these stacks, and the Link API has no list", []
    session = run.sessions.link(profile)
    here, mine = session.tenant, declared.companies_at(session.tenant)
    _require_one(list(mine), recorded, here, "companies")
    found = company_findings(session.client, mine, run.settings.workers(), display)
    found += other_tenants(recorded, here)
    return f"{len(mine)} companies at {here.url}, by one GET each, which mints a token; companies have no list", found


def _left_out(what: str) -> _Part:
    return f"no {what}: they were left out", []


def _require_one(here: Sequence[object], recorded: Sequence[Declaration], tenant: Tenant, what: str) -> None:
    """Refuse to compare when all state is of other tenants: everything would be reported as undeclared."""
    if recorded and not here:
        there = ", ".join(sorted({str(one.recorded.tenant) for one in recorded})[:3])
        raise RefusedError(
            f"none of the {len(recorded)} {what} in these stacks is recorded at {tenant}, but at {there};"
            " nothing can be compared. Use the settings of those stacks; after a new Link token run `pulumi refresh`;"
            f" or leave them out with --no-{'companies' if what == 'companies' else 'users'}"
        )


def _too_many_missing(found: Sequence[AuditFinding], max_missing: int) -> list[AuditFinding]:
    missing = sum(one.kind in (FindingKind.MISSING_USER, FindingKind.MISSING_COMPANY) for one in found)
    if missing <= max_missing:
        return []
    detail = f"{missing} users and companies not found, more than CONDUIT_MAX_MISSING ({max_missing})"
    return [AuditFinding(FindingKind.TOO_MANY_MISSING, "users and companies", detail)]
