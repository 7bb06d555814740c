"""Compares users and their access in Conductor with the declarations at this base URL."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.declared import Declaration, DeclaredPerson, stacks_of
from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind, accounts_of
from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import RefusedError, UnexpectedResponseError
from pulumi_conduit.resources.conductor_user.model import is_active, status_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.cli.progress import ProgressDisplay
    from pulumi_conduit.cli.stack_export import Recorded
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["PeopleComparison"]

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
