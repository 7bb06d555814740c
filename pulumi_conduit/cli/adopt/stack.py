"""The target stack of an adoption: what it has already is left out, because two resources for one object are refused.

It is the one of `--stack`, or the one that is selected in the project's folder, if any.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pulumi_conduit.cli.adopt.inventory import Inventory, LeftOut
from pulumi_conduit.cli.audit.declared import Declared
from pulumi_conduit.cli.pulumi_project import find_project, stack_export
from pulumi_conduit.cli.stack_export import read_export
from pulumi_conduit.errors import ConduitError, RefusedError, escaped
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from pulumi_conduit.cli.audit.declared import DeclaredPerson
    from pulumi_conduit.cli.connection import Connection
    from pulumi_conduit.cli.stack_export import Export
    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["Existing", "StackComparison"]


@dataclass(frozen=True)
class Existing:
    """The export of one stack."""

    export: Export

    def refuse_roster(self, name: str) -> None:
        """Raise RefusedError for a roster name that the stack has already: two files would declare it."""
        if name in self.export.rosters:
            raise RefusedError(
                f"{self._stack} has a Roster '{escaped(name, 80)}' already, with a file of its own; give another"
                " --name, and other files with --roster, --program and --import-file"
            )

    def without(self, inventory: Inventory) -> Inventory:
        """Return the inventory without what the stack has."""
        people = {one.email: self._of_person(one) for one in inventory.people}
        companies = {one.id: self._of_company(one) for one in inventory.companies}
        left_out = [one for one in (*people.values(), *companies.values()) if one]
        return replace(
            inventory,
            people=tuple(one for one in inventory.people if not people[one.email]),
            companies=tuple(one for one in inventory.companies if not companies[one.id]),
            left_out=(*inventory.left_out, *left_out),
        )

    @property
    def _stack(self) -> str:
        return f"stack {escaped(self.export.stack, 200)}"

    @cached_property
    def _declared(self) -> Declared:
        return Declared([self.export], {})

    @cached_property
    def _people(self) -> dict[tuple[str, str], DeclaredPerson]:
        urls = {one.recorded.tenant.url for one in self._declared.of_people()}
        return {(url, email): one for url in urls for email, one in self._declared.people_at(url).items()}

    @cached_property
    def _companies(self) -> dict[str, list[Tenant]]:
        tenants: defaultdict[str, list[Tenant]] = defaultdict(list)
        for one in self._declared.of_companies():
            tenants[one.recorded.id].append(one.recorded.tenant)
        return dict(tenants)

    def _of_person(self, person: ConductorUserState) -> LeftOut | None:
        there = self._people.get((Tenant.parse(person.tenant or "").url, person.email))
        if there is None:
            return None
        reason = self._lacks(there, frozenset(person.initial_accounts))
        return LeftOut(person.what, reason or f"is in {self._stack} already", is_expected=not reason)

    def _lacks(self, there: DeclaredPerson, accounts: frozenset[int]) -> str:
        """Return what the stack lacks of a person that it has in part."""
        if not there.users:
            return f"{self._stack} declares access of this person and not the person: declare the person there"
        if missing := accounts - there.accounts:
            listed = ", ".join(map(str, sorted(missing)))
            return f"is in {self._stack} already, without access to accounts {listed}: declare it there"
        return ""

    def _of_company(self, company: CompanyState) -> LeftOut | None:
        here, tenants = Tenant.parse(company.tenant or ""), self._companies.get(company.id, [])
        what = f"company '{escaped(company.id, 80)}'"
        if here in tenants:
            return LeftOut(what, f"is in {self._stack} already", is_expected=True)
        if here.url in {one.url for one in tenants}:
            return LeftOut(what, f"{self._stack} has one of this id that another Link token recorded; run `up` there")
        return None


_NOT_COMPARED = "compared with no stack"
_WHY_IT_MATTERS = "what it has already must not be declared again; name it with --stack, and its project with --cwd"


@dataclass(frozen=True)
class StackComparison:
    """The stack's export, or why there is none."""

    existing: Existing | None = None
    why_not: str = ""

    @classmethod
    def of(cls, connection: Connection, roster: str | None) -> StackComparison:
        """Export the stack; a named one that cannot be read, and a roster name that it has, are errors."""
        from pulumi_conduit.cli.adopt.stack import Existing  # noqa: PLC0415 - help must not load HTTP

        if not connection.stack and not find_project(connection.folder):
            return cls(why_not="there is no Pulumi project here")
        try:
            text = stack_export(connection.stack, connection.folder, "install the Pulumi CLI")
        except ConduitError as error:
            if connection.stack:
                raise
            return cls(why_not=str(error))
        origin = f"stack {connection.stack}" if connection.stack else "the selected stack"
        existing = Existing(read_export(text, origin))
        if roster:
            existing.refuse_roster(roster)
        return cls(existing)

    @property
    def name(self) -> str | None:
        """Return the stack's name, if it was read."""
        return self.existing.export.stack if self.existing else None

    @property
    def summary(self) -> str:
        """Return which stack the inventory was compared with."""
        if self.existing:
            export = self.existing.export
            is_new = export.stack == export.origin  # a stack without a first `up`: its export names no stack
            return f"compared with: {escaped(export.stack if is_new else f'stack {export.stack}', 200)}"
        return f"{_NOT_COMPARED} ({self.why_not}): {_WHY_IT_MATTERS}"

    def without(self, inventory: Inventory) -> Inventory:
        """Return the inventory without what the stack has."""
        return self.existing.without(inventory) if self.existing else inventory
