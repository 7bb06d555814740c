"""Renders the file for `pulumi import --file`: every resource as a stack's state would have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_conduit import provider
from pulumi_conduit.cli.adopt.inventory import grants_of
from pulumi_conduit.program.account_access import UserAccountAccess
from pulumi_conduit.program.company import Company
from pulumi_conduit.program.conductor_user import ConductorUser
from pulumi_conduit.program.roster import ROSTER_TYPE
from pulumi_conduit.resources.serialization import to_properties
from pulumi_conduit.roster.columns import resource_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.cli.adopt.inventory import Inventory

__all__ = ["import_text"]


class RecordedKind(NamedTuple):
    """A kind of resource, as states have it."""

    type: str
    provider: str

    def properties(self, known: dict[str, Any]) -> dict[str, Any]:
        """Return properties with the entry by which the engine finds the provider."""
        return {"__provider": self.provider, **known}


USER = RecordedKind(ConductorUser.type_token(), str(serialize_provider(provider.ConductorUser())))
GRANT = RecordedKind(UserAccountAccess.type_token(), str(serialize_provider(provider.AccountAccess())))
COMPANY = RecordedKind(Company.type_token(), str(serialize_provider(provider.Company())))


Entry = dict[str, Any]


class _State(Protocol):
    @property
    def id(self) -> str: ...

    def inputs(self) -> dict[str, Any]: ...


def import_text(inventory: Inventory, component: str | None) -> str:
    """Return the import file of an inventory whose resources are children of a roster, or stand alone."""
    entries = [*_component(component), *_resources(inventory, component)]
    return json.dumps({"resources": entries}, indent=2) + "\n"


def _component(name: str | None) -> list[Entry]:
    return [{"type": ROSTER_TYPE, "name": name, "component": True}] if name else []


def _resources(inventory: Inventory, component: str | None) -> Iterator[Entry]:
    for person in inventory.people:
        yield _entry(USER, person, component, person.email)
        for grant in grants_of(person):
            yield _entry(GRANT, grant, component, grant.user, grant.account_id)
    for company in inventory.companies:
        yield _entry(COMPANY, company, component, company.id)


def _entry(kind: RecordedKind, state: _State, component: str | None, *key: str | int) -> Entry:
    above = [component] if component else []
    return {
        "type": kind.type,
        "name": resource_name(*above, *key),
        "id": state.id,
        **({"parent": component} if component else {}),
        "inputs": kind.properties(state.inputs()),
        "outputs": kind.properties(to_properties(state)),
    }
