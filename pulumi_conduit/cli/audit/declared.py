"""The declarations of all stacks, by person, company and tenant, and the findings that follow from the exports alone.

These are duplicate declarations, pending deletes and interrupted operations. Must not know the APIs. State of a base
URL in `CONDUIT_ALLOW_MOVE` counts for the new URL.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pulumi_conduit.cli.stack_export import Export, Recorded

__all__ = [
    "Declaration",
    "Declared",
    "DeclaredPerson",
    "declared_twice",
    "given_twice",
    "other_tenants",
    "pending",
    "stacks_of",
]


@dataclass(frozen=True)
class Declaration:
    """A resource in one export: `stack` is the displayed name, `name` the stack's own."""

    stack: str
    recorded: Recorded
    name: str


@dataclass
class DeclaredPerson:
    """All declarations about one address at one base URL."""

    users: list[Declaration] = field(default_factory=list)
    grants: list[Declaration] = field(default_factory=list)
    lists: list[Declaration] = field(default_factory=list)

    def add(self, declaration: Declaration) -> None:
        """Add a declaration by its kind."""
        of = {Kind.USER: self.users, Kind.GRANT: self.grants, Kind.GRANT_LIST: self.lists}
        of[declaration.recorded.kind].append(declaration)

    @property
    def all(self) -> list[Declaration]:
        """Return every declaration."""
        return [*self.users, *self.grants, *self.lists]

    @property
    def accounts(self) -> frozenset[int]:
        """Return the declared accounts; an exclusive list replaces initial accounts."""
        declaring = [*self.grants, *(self.lists or self.users)]
        return frozenset().union(*(one.recorded.accounts for one in declaring))

    def seen_by(self, identity: str) -> DeclaredPerson:
        """Return what an identity has recorded: only that can be reported as missing."""
        mine = DeclaredPerson()
        for one in self.all:
            if one.recorded.tenant.identity == identity:
                mine.add(one)
        return mine


class Declared:
    """All declarations of all stacks; an export that was passed twice counts once."""

    def __init__(self, exports: Sequence[Export], moves: Mapping[str, str]) -> None:
        """Merge exports; `moves` maps old base URLs to new ones."""
        self.given = tuple(exports)
        different = list({one.digest: one for one in reversed(exports)}.values())[::-1]
        names = Counter(export.stack for export in different)
        self.exports = tuple(
            replace(one, stack=f"{one.stack} ({one.origin})") if names[one.stack] > 1 else one for one in different
        )
        self.all = [
            Declaration(export.stack, _apply_move(one, moves), name)
            for export, name in zip(self.exports, (one.stack for one in different), strict=True)
            for one in export.ours
        ]

    def of_people(self) -> list[Declaration]:
        """Return the declarations about people."""
        return [one for one in self.all if one.recorded.kind is not Kind.COMPANY]

    def of_companies(self) -> list[Declaration]:
        """Return the declarations about companies."""
        return [one for one in self.all if one.recorded.kind is Kind.COMPANY]

    def people_at(self, url: str) -> dict[str, DeclaredPerson]:
        """Return the declarations by address at a base URL, of any identity."""
        people: defaultdict[str, DeclaredPerson] = defaultdict(DeclaredPerson)
        for one in self.of_people():
            if one.recorded.tenant.url == url:
                people[one.recorded.email].add(one)
        return dict(people)

    def companies_at(self, tenant: Tenant) -> dict[str, list[Declaration]]:
        """Return the declarations of each company of one Link APP."""
        companies: defaultdict[str, list[Declaration]] = defaultdict(list)
        for one in self.of_companies():
            if one.recorded.tenant == tenant:
                companies[one.recorded.id].append(one)
        return dict(companies)


def stacks_of(declarations: Iterable[Declaration]) -> tuple[str, ...]:
    """Return the names of the stacks, each once, in alphabetical order."""
    return tuple(sorted({one.stack for one in declarations}))


def _apply_move(recorded: Recorded, moves: Mapping[str, str]) -> Recorded:
    tenant = recorded.tenant
    return replace(recorded, tenant=Tenant(moves.get(tenant.url, tenant.url), tenant.identity))


_LABELS = {Kind.COMPANY: "company", Kind.USER: "user", Kind.GRANT: "access", Kind.GRANT_LIST: "account list of"}
_PLURALS = {Kind.COMPANY: "companies", Kind.USER: "users", Kind.GRANT: "grants", Kind.GRANT_LIST: "account lists"}


def declared_twice(declared: Declared) -> Iterator[AuditFinding]:
    """Find objects with two declarations, and people with an exclusive list and single grants beside it."""
    by_key: defaultdict[Key, list[Declaration]] = defaultdict(list)
    for one in declared.all:
        by_key[one.recorded.key].append(one)
    for key, both in by_key.items():
        if (count := _resources(both)) > 1:
            detail = f"{count} resources at {key.tenant.url} declare it"
            yield AuditFinding(
                FindingKind.DECLARED_TWICE, f"{_LABELS[key.kind]} {key.id}", detail, stacks=stacks_of(both)
            )
    for url in sorted({one.recorded.tenant.url for one in declared.of_people()}):
        for email, person in declared.people_at(url).items():
            yield from _rivals(email, person)


def other_tenants(declarations: Iterable[Declaration], here: Tenant) -> Iterator[AuditFinding]:
    """Find what is recorded at other tenants."""
    others: defaultdict[Tenant, list[Declaration]] = defaultdict(list)
    for one in declarations:
        if one.recorded.tenant != here:
            others[one.recorded.tenant].append(one)
    for tenant, there in others.items():
        counts = Counter(one.recorded.kind for one in there)
        shown = ", ".join(f"{count} {_PLURALS[kind]}" for kind, count in counts.items())
        yield AuditFinding(
            FindingKind.OTHER_TENANT, str(tenant), shown + _still(there, tenant, here), stacks=stacks_of(there)
        )


def pending(exports: Iterable[Export]) -> Iterator[AuditFinding]:
    """Find pending deletes and interrupted operations."""
    for export in exports:
        found = [(urn, "was replaced, and will be deleted by the next `pulumi up`") for urn in export.to_delete]
        found += [(begun, "was interrupted; run `pulumi up --refresh`") for begun in export.begun]
        for subject, text in found:
            yield AuditFinding(FindingKind.PENDING, subject, text, (), (export.stack,))


def given_twice(exports: Sequence[Export]) -> Iterator[AuditFinding]:
    """Find exports that were passed more than once, and different ones of one stack name."""
    by_stack: defaultdict[str, list[Export]] = defaultdict(list)
    for one in exports:
        by_stack[one.stack].append(one)
    for stack, same in by_stack.items():
        digests = Counter(one.digest for one in same)
        for digest in (one for one, count in digests.items() if count > 1):
            yield AuditFinding(
                FindingKind.EXPORT_GIVEN_TWICE, stack, _origins(one for one in same if one.digest == digest)
            )
        if len(digests) > 1:
            detail = f"{_origins({one.digest: one for one in same}.values())} differ; {_shared(same)} are in both"
            yield AuditFinding(FindingKind.STACK_GIVEN_TWICE, stack, detail)


def _origins(exports: Iterable[Export]) -> str:
    return ", ".join(one.origin for one in exports)


def _shared(exports: Iterable[Export]) -> str:
    counts = Counter(urn for export in exports for urn in {one.urn for one in export.ours})
    return f"{sum(count > 1 for count in counts.values())} resources"


def _resources(declarations: Iterable[Declaration]) -> int:
    """Count resources; one in two exports of one stack name counts once."""
    per_export = Counter((one.name, one.recorded.urn, one.stack) for one in declarations)
    most: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (name, urn, _), count in per_export.items():
        most[name, urn] = max(most[name, urn], count)
    return sum(most.values())


def _rivals(email: str, person: DeclaredPerson) -> Iterator[AuditFinding]:
    if person.lists and person.grants:
        detail = "an exclusive list and single grants: the list removes what it lacks"
        stacks = stacks_of([*person.lists, *person.grants])
        yield AuditFinding(FindingKind.DECLARED_TWICE, f"access of {email}", detail, stacks=stacks)


def _still(there: list[Declaration], tenant: Tenant, here: Tenant) -> str:
    is_of_people = any(one.recorded.kind is not Kind.COMPANY for one in there)
    if is_of_people and tenant.url == here.url:
        return "; counted as declared, but recorded by another identity, so missing ones are not reported"
    return ""
