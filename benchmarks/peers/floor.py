"""The engine's floor: a dynamic provider that answers at once and calls nobody. No provider can be faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi  # noqa: TC002 - Pulumi reads annotations at run time
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from benchmarks.declared import SECOND_ACCOUNT, Declared
from benchmarks.peer import Kind, Peer

__all__ = ["PEER", "declare"]

PEER = Peer(name="floor", what="Pulumi with a provider that does nothing", kind=Kind.PULUMI, calls={})

Properties = Mapping[str, Any]


class Nothing(ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def diff(self, _id: str, olds: Properties, news: Properties) -> DiffResult:
        """Compare what the program declares."""
        return DiffResult(changes=any(olds.get(name) != value for name, value in news.items()))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take the key for the id."""
        return CreateResult(str(props["key"]), props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is recorded."""
        return ReadResult(id_, props, props)

    def update(self, _id: str, _olds: Properties, news: dict[str, Any]) -> UpdateResult:
        """Record what is declared."""
        return UpdateResult(news)


class Thing(Resource, module="bench", name="Thing"):
    """Something with as many properties as the real one."""

    key: pulumi.Output[str]

    def __init__(self, name: str, properties: Properties, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it."""
        super().__init__(Nothing(), name, {**properties}, opts)


def declare() -> None:
    """Declare as many resources as the others, in the same order of dependence."""
    declared = Declared.here()
    for person in declared.people:
        user = Thing(person.email, {"key": person.email, **person.as_json(1)})
        Thing(f"{person.email}-grant", {"key": person.email, "user": user.key, "account": SECOND_ACCOUNT})
    for company in declared.companies:
        Thing(company.company_id, {"key": company.company_id, "name": company.name})
