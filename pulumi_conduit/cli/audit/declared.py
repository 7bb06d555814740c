"""The declarations of all stacks, by person, company and tenant.

Must not know the APIs. State of a base URL in `CONDUIT_ALLOW_MOVE` counts for the new URL.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_conduit.resources.declaration_registry import Kind
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pulumi_conduit.cli.stack_export import Export, Recorded

__all__ = ["Declaration", "Declared", "DeclaredPerson", "stacks_of"]


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
