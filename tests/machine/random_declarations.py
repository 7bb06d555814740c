"""What a random program declares: people with their access and companies, where they stand, and the URNs they get."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

TEAMS = ("", "team-a", "team-b")
INITIAL = 1
"""The account that every user starts with; no single grant names it, so that nobody is left without any."""

_TOKENS = {
    "user": "pulumi-python:dynamic/conduit:ConductorUser",
    "grant": "pulumi-python:dynamic/conduit:UserAccountAccess",
    "list": "pulumi-python:dynamic/conduit:UserAccountAccessExclusive",
    "company": "pulumi-python:dynamic/conduit:Company",
}
_TEAM = "test:index:Team"


@dataclass(frozen=True)
class Spot:
    """Where a resource stands: a number that is part of its name, and its parent."""

    number: int = 0
    parent: str = ""

    @property
    def above(self) -> str:
        """The parent's part of a URN, which has types and not names."""
        return f"{_TEAM}$" if self.parent else ""


@dataclass(frozen=True)
class Person:
    """A user and its access. Grants whose parent is `user` stand under the user."""

    slot: int
    spot: Spot = field(default_factory=Spot)
    grants_spot: Spot = field(default_factory=Spot)
    is_aliased: bool = False
    type: str = "READ_ONLY"
    status: str = "ACTIVE"
    is_exclusive: bool = False
    accounts: frozenset[int] = frozenset()

    @property
    def email(self) -> str:
        """The address, which never changes."""
        return f"person-{self.slot}@acme.example"

    @property
    def label(self) -> str:
        """The name in the program."""
        return f"person-{self.slot}-{self.spot.number}"

    @property
    def access_prefix(self) -> str:
        """The beginning of the names of grants and lists."""
        return f"access-{self.slot}-{self.grants_spot.number}"

    @property
    def listed(self) -> frozenset[int]:
        """Everything that the access resources name."""
        return self.accounts | {INITIAL} if self.is_exclusive else self.accounts

    def urn(self) -> str:
        """Return the user's URN."""
        return _urn(self.spot.above, "user", self.label)

    def access_urns(self) -> dict[str, frozenset[int]]:
        """Return what each access resource gives by its URN."""
        return {_urn(self._above_grants, kind, label): accounts for kind, label, accounts in self._access()}

    @property
    def _above_grants(self) -> str:
        if self.grants_spot.parent == "user":
            return f"{self.spot.above}{_TOKENS['user']}$"
        return self.grants_spot.above

    def _access(self) -> list[tuple[str, str, frozenset[int]]]:
        prefix = self.access_prefix
        if self.is_exclusive:
            return [("list", prefix, self.listed)]
        return [("grant", f"{prefix}-{account}", frozenset({account})) for account in sorted(self.accounts)]

    def records(self, before: Person | None) -> list[dict[str, Any]]:
        """Return what the program reads; an alias names what was applied before."""
        aliases = [before.urn()] if before and self.is_aliased and before.urn() != self.urn() else []
        args = {
            "email": self.email,
            "first_name": "Pat",
            "last_name": str(self.slot),
            "type": self.type,
            "status": self.status,
            "initial_accounts": [INITIAL],
            "on_conflict": "adopt",
        }
        return [_record("user", self.label, self.spot.parent, args, aliases), *self._access_records()]

    def _access_records(self) -> list[dict[str, Any]]:
        parent = self.label if self.grants_spot.parent == "user" else self.grants_spot.parent
        return [
            _record(
                kind,
                label,
                parent,
                {"account_ids": sorted(accounts)} if kind == "list" else {"account_id": min(accounts)},
            )
            | {"user": self.label}
            for kind, label, accounts in self._access()
        ]


@dataclass(frozen=True)
class Company:
    """A company; an undeclared name or page is as it is in the API."""

    slot: int
    spot: Spot = field(default_factory=Spot)
    is_aliased: bool = False
    name: str | None = None
    page_enabled: bool | None = None
    on_destroy: str = "retain"

    @property
    def company_id(self) -> str:
        """The id, which never changes."""
        return f"ACME{self.slot}"

    @property
    def label(self) -> str:
        """The name in the program."""
        return f"company-{self.slot}-{self.spot.number}"

    def urn(self) -> str:
        """Return the company's URN."""
        return _urn(self.spot.above, "company", self.label)

    def records(self, before: Company | None) -> list[dict[str, Any]]:
        """Return what the program reads; an alias names what was applied before."""
        aliases = [before.urn()] if before and self.is_aliased and before.urn() != self.urn() else []
        args = {
            "company_id": self.company_id,
            "name": self.name,
            "page_enabled": self.page_enabled,
            "on_conflict": "adopt",
            "on_destroy": self.on_destroy,
        }
        return [_record("company", self.label, self.spot.parent, args, aliases)]


@dataclass(frozen=True)
class Declaration:
    """A program's people and companies by their slots."""

    people: dict[int, Person] = field(default_factory=dict)
    companies: dict[int, Company] = field(default_factory=dict)

    def records(self, before: Declaration) -> list[dict[str, Any]]:
        """Return the list that the program reads."""
        people = [record for slot, one in self.people.items() for record in one.records(before.people.get(slot))]
        return people + [
            record for slot, one in self.companies.items() for record in one.records(before.companies.get(slot))
        ]

    def having(self, one: Person | Company) -> Declaration:
        """Return the declaration with somebody or something as given."""
        if isinstance(one, Person):
            return replace(self, people={**self.people, one.slot: one})
        return replace(self, companies={**self.companies, one.slot: one})

    def lacking(self, one: Person | Company) -> Declaration:
        """Return the declaration without somebody or something."""
        people = {slot: person for slot, person in self.people.items() if person is not one}
        companies = {slot: company for slot, company in self.companies.items() if company is not one}
        return Declaration(people, companies)

    def keys(self) -> set[str]:
        """Return the addresses and ids that it may touch."""
        people = {one.email for one in self.people.values()}
        return people | {one.company_id for one in self.companies.values()}


def _urn(above: str, kind: str, label: str) -> str:
    return f"urn:pulumi:dev::machine::{above}{_TOKENS[kind]}::{label}"


def _record(kind: str, label: str, parent: str, args: dict[str, Any], aliases: list[str] | None = None) -> dict:
    return {"kind": kind, "label": label, "parent": parent, "args": args, "aliases": aliases or []}
