"""Compares a tenant with stack exports: users with their access, and companies; refuses what would prove nothing."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.declared import (
    Declaration,
    Declared,
    DeclaredPerson,
    declared_twice,
    given_twice,
    other_tenants,
    pending,
    stacks_of,
)
from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind, accounts_of
from pulumi_conduit.cli.terminal import SILENT
from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import NotFoundError, RefusedError, UnexpectedResponseError
from pulumi_conduit.resources.conductor_user.model import is_active, status_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.cli.stack_export import Export, Recorded
    from pulumi_conduit.cli.terminal import ProgressDisplay
    from pulumi_conduit.resources.provider_context import ConductorSession, ProviderContext
    from pulumi_conduit.resources.tenant import Tenant

__all__ = ["Audit", "PeopleComparison", "audit"]

_Difference = tuple[FindingKind, str]


def differences(person: DeclaredPerson, record: UserRecord) -> dict[_Difference, list[Declaration]]:
    """Return each difference, with both values, and the declarations that it contradicts."""
    found: defaultdict[_Difference, list[Declaration]] = defaultdict(list)
    for one in person.users:
        for difference in _of_user(one.recorded, record):
            found[difference].append(one)
    if record.type == UserType.ADMIN.value and not person.users:
        for one in person.all:
            found[FindingKind.TYPE_DIFFERS, "ADMIN in Conductor, and a stack declares access"].append(one)
    return dict(found)


def _of_user(declared: Recorded, record: UserRecord) -> Iterator[_Difference]:
    if record.type != declared.type:
        yield FindingKind.TYPE_DIFFERS, f"{record.type} in Conductor, {declared.type} in the state"
    elif record.type == UserType.ADMIN.value:
        yield FindingKind.TYPE_DIFFERS, "ADMIN in Conductor and, since a refresh, in the state"
    status = status_of(record)
    if is_active(status) and not is_active(declared.status or status):
        yield FindingKind.ACTIVATED_OUTSIDE, f"ACTIVE in Conductor, {declared.status} in the state"
    elif not is_active(status) and is_active(declared.status or status):
        yield FindingKind.DEACTIVATED_OUTSIDE, f"INACTIVE in Conductor, {declared.status} in the state"


_UNDECLARED = DeclaredPerson()
_SHOWN_HOLDERS = 5
_HIDDEN = "declared access to accounts that this identity does not own is not visible"


class PeopleComparison:
    """The comparison of people."""

    def __init__(self, session: ConductorSession, declared: Mapping[str, DeclaredPerson]) -> None:
        """Read the lists of accounts and users."""
        self._cache = session.cache
        self._here = session.tenant
        self._declared = declared
        self._owned = session.cache.accounts()
        self._listed = session.cache.listing()

    @property
    def count(self) -> int:
        """Return the number of people in the list."""
        return len(self._listed)

    def findings(self, workers: int, display: ProgressDisplay) -> list[AuditFinding]:
        """Compare all people, with at most `workers` requests at a time."""
        emails = sorted({*self._declared, *self._listed})
        with ThreadPoolExecutor(workers) as pool:
            of_each = display.run("people", pool.map(self._findings_of, emails), len(emails))
        found = [finding for findings in of_each for finding in findings]
        foreign = [one for one in found if one.kind is FindingKind.FOREIGN_ACCOUNT]
        return [*(one for one in found if one.kind is not FindingKind.FOREIGN_ACCOUNT), *_by_account(foreign)]

    def _findings_of(self, email: str) -> list[AuditFinding]:
        try:
            return list(self._compare(email))
        except (UnexpectedResponseError, RefusedError) as error:
            return [AuditFinding(FindingKind.UNCLEAR, email or "a user in the list", str(error))]

    def _compare(self, email: str) -> Iterator[AuditFinding]:
        person = self._declared.get(email, _UNDECLARED)
        record = self._cache.find(email)
        if record is None:
            yield from self._missing(email, person.seen_by(self._here.identity))
            return
        yield from self._differing(email, person, record)
        if record.type != UserType.ADMIN.value:
            yield from self._present(email, person, record)
        elif not person.all:
            yield AuditFinding(FindingKind.ADMIN, email)

    def _missing(self, email: str, mine: DeclaredPerson) -> Iterator[AuditFinding]:
        if mine.all:
            accounts = frozenset().union(*(one.recorded.accounts for one in (*mine.grants, *mine.lists)))
            yield AuditFinding(
                FindingKind.MISSING_USER, email, "", accounts_of(accounts, self._owned), stacks_of(mine.all)
            )

    def _differing(self, email: str, person: DeclaredPerson, listed: UserRecord) -> Iterator[AuditFinding]:
        """Find another type or status than declared; the list may be stale, so a GET decides."""
        if any(differences(person, self._with_status(email, listed))):
            record = self._cache.fetch_once(email) or listed
            for (kind, detail), declaring in differences(person, record).items():
                yield AuditFinding(kind, email, detail, stacks=stacks_of(declaring))

    def _with_status(self, email: str, record: UserRecord) -> UserRecord:
        return record if record.status else self._cache.fetch_once(email) or record

    def _present(self, email: str, person: DeclaredPerson, record: UserRecord) -> Iterator[AuditFinding]:
        known = self._with_status(email, record)
        if foreign := record.accounts - person.accounts - self._owned.keys():
            yield AuditFinding(FindingKind.FOREIGN_ACCOUNT, email, accounts=accounts_of(foreign, self._owned))
        if not is_active(status_of(known)):
            yield from self._inactive(email, person, record)
            return
        yield from self._undeclared(email, person, record)
        yield from self._lacking(email, person.seen_by(self._here.identity), record)
        if not record.accounts:
            yield AuditFinding(FindingKind.NO_ACCESS, email, stacks=stacks_of(person.all))

    def _inactive(self, email: str, person: DeclaredPerson, record: UserRecord) -> Iterator[AuditFinding]:
        if record.accounts:
            is_declared = bool(person.users) and record.accounts <= person.accounts
            kind = FindingKind.INACTIVE_AS_DECLARED if is_declared else FindingKind.INACTIVE_WITH_ACCESS
            yield AuditFinding(kind, email, "", accounts_of(record.accounts, self._owned), stacks_of(person.all))

    def _undeclared(self, email: str, person: DeclaredPerson, record: UserRecord) -> Iterator[AuditFinding]:
        stacks = stacks_of(person.all)
        if not person.users:
            detail = record.type + (", known to a stack by access only" if stacks else "")
            yield AuditFinding(
                FindingKind.UNDECLARED_USER, email, detail, accounts_of(record.accounts, self._owned), stacks
            )
        elif extra := (record.accounts - person.accounts) & self._owned.keys():
            yield AuditFinding(FindingKind.UNDECLARED_GRANT, email, "", accounts_of(extra, self._owned), stacks)

    def _lacking(self, email: str, mine: DeclaredPerson, record: UserRecord) -> Iterator[AuditFinding]:
        declared: defaultdict[int, list[Declaration]] = defaultdict(list)
        for one in (*mine.grants, *mine.lists):
            for account in one.recorded.accounts:
                declared[account].append(one)
        if declared.keys() <= record.accounts:
            return
        own = self._cache.fetch_once(email)
        if own is None:
            raise UnexpectedResponseError(
                "the list has this person, but a GET returned 404: whether access is missing is unknown"
            )
        lacking = declared.keys() - own.accounts if is_active(status_of(own)) else set()
        yield from self._not_shown(FindingKind.MISSING_GRANT, email, "", lacking & self._owned.keys(), declared)
        yield from self._not_shown(FindingKind.UNCLEAR, email, _HIDDEN, lacking - self._owned.keys(), declared)

    def _not_shown(
        self,
        kind: FindingKind,
        email: str,
        detail: str,
        ids: Collection[int],
        declared: Mapping[int, list[Declaration]],
    ) -> Iterator[AuditFinding]:
        if ids:
            stacks = stacks_of(one for account in ids for one in declared[account])
            yield AuditFinding(kind, email, detail, accounts_of(ids, self._owned), stacks)


def _by_account(found: Iterable[AuditFinding]) -> Iterator[AuditFinding]:
    """Group foreign accounts by account: one that many people have is one finding."""
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for one in found:
        for account in one.accounts:
            holders[account.id].append(one.subject)
    for account_id, people in holders.items():
        more = len(people) - _SHOWN_HOLDERS
        shown = ", ".join(people[:_SHOWN_HOLDERS]) + (f" and {more} more" if more > 0 else "")
        yield AuditFinding(FindingKind.FOREIGN_ACCOUNT, str(account_id), f"held, and not declared, by {shown}")


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
