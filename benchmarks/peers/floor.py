"""The engine's floor: a dynamic provider that answers at once and calls nobody.

It has our resources with their properties, since the engine and the SDK charge for each of them: no provider of these
can be faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from benchmarks.declared import FIRST_ACCOUNT, SECOND_ACCOUNT, Declared, Person
from benchmarks.declared import Company as DeclaredCompany
from benchmarks.peer import Kind, Peer

__all__ = ["PEER", "declare"]

PEER = Peer(name="floor", what="Pulumi with a provider that does nothing", kind=Kind.PULUMI, calls={})

Properties = Mapping[str, Any]

_OPEN: Properties = {"profile": None, "tenant": None}
_FILLED: Properties = {"tenant": "https://api.example.com/v1 as somebody@example.com"}


class Nothing(ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def diff(self, _id: str, olds: Properties, news: Properties) -> DiffResult:
        """Compare what the program declares."""
        return DiffResult(changes=any(olds.get(name) != value for name, value in news.items()))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take the key for the id."""
        return CreateResult(str(props["key"]), {**props, **_FILLED})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is recorded."""
        return ReadResult(id_, props, props)

    def update(self, _id: str, _olds: Properties, news: dict[str, Any]) -> UpdateResult:
        """Record what is declared."""
        return UpdateResult(news)


class User(Resource, module="bench", name="User"):
    """As many properties, of the same types, as ours has."""

    key: pulumi.Output[str]
    first_name: pulumi.Output[str]
    last_name: pulumi.Output[str]
    view: pulumi.Output[str]
    sso_access: pulumi.Output[bool]
    type: pulumi.Output[str]
    status: pulumi.Output[str]
    initial_accounts: pulumi.Output[Sequence[int]]
    send_email: pulumi.Output[bool]
    on_conflict: pulumi.Output[str]
    on_destroy: pulumi.Output[str]
    profile: pulumi.Output[str | None]
    tenant: pulumi.Output[str]


class Grant(Resource, module="bench", name="Grant"):
    """Likewise."""

    key: pulumi.Output[str]
    account_id: pulumi.Output[int]
    profile: pulumi.Output[str | None]
    tenant: pulumi.Output[str]


class Company(Resource, module="bench", name="Company"):
    """Likewise."""

    key: pulumi.Output[str]
    name: pulumi.Output[str]
    page_enabled: pulumi.Output[bool]
    on_conflict: pulumi.Output[str]
    on_destroy: pulumi.Output[str]
    profile: pulumi.Output[str | None]
    link_page_url: pulumi.Output[str | None]
    created_at: pulumi.Output[str]
    tenant: pulumi.Output[str]


def declare() -> None:
    """Declare as many resources as ours, with as many properties, in the same order of dependence."""
    declared = Declared.here()
    for person in declared.people:
        user = User(Nothing(), person.email, _of_user(person))
        tied = pulumi.ResourceOptions(depends_on=[user], deleted_with=user)
        grant = {"key": user.key, "account_id": SECOND_ACCOUNT, **_OPEN}
        Grant(Nothing(), f"{person.email}-grant", grant, tied)
    for company in declared.companies:
        Company(Nothing(), company.company_id, _of_company(company))


def _of_user(person: Person) -> Properties:
    return {
        "key": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "view": "COMPLETE",
        "sso_access": False,
        "type": person.type,
        "status": "ACTIVE",
        "initial_accounts": [FIRST_ACCOUNT],
        "send_email": False,
        "on_conflict": "reactivate_inactive",
        "on_destroy": "deactivate",
        **_OPEN,
    }


def _of_company(company: DeclaredCompany) -> Properties:
    return {
        "key": company.company_id,
        "name": company.name,
        "page_enabled": True,
        "on_conflict": "error",
        "on_destroy": "retain",
        "link_page_url": None,
        "created_at": None,
        **_OPEN,
    }
