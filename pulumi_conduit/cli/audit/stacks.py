"""Findings from the exports alone: duplicate declarations, pending deletes and interrupted operations."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.declared import Declaration, Declared, DeclaredPerson, stacks_of
from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind
from pulumi_conduit.resources.declaration_registry import Key
from pulumi_conduit.resources.declaration_registry import Kind as Of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pulumi_conduit.cli.stack_export import Export
    from pulumi_conduit.resources.tenant import Tenant

__all__ = ["declared_twice", "given_twice", "other_tenants", "pending"]

_LABELS = {Of.COMPANY: "company", Of.USER: "user", Of.GRANT: "access", Of.GRANT_LIST: "account list of"}
_PLURALS = {Of.COMPANY: "companies", Of.USER: "users", Of.GRANT: "grants", Of.GRANT_LIST: "account lists"}


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
        for urn in export.to_delete:
            yield AuditFinding(
                FindingKind.PENDING,
                urn,
                "was replaced, and will be deleted by the next `pulumi up`",
                (),
                (export.stack,),
            )
        for begun in export.begun:
            yield AuditFinding(
                FindingKind.PENDING,
                begun,
                "was interrupted; run `pulumi up --refresh`",
                (),
                (export.stack,),
            )


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
    is_of_people = any(one.recorded.kind is not Of.COMPANY for one in there)
    if is_of_people and tenant.url == here.url:
        return "; counted as declared, but recorded by another identity, so missing ones are not reported"
    return ""
