"""The output files of an adoption, and the one for `pulumi import --file`.

The latter has every resource as a stack's state would have it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_conduit import provider
from pulumi_conduit.cli.adopt.code import program_text, roster_program_text, roster_text
from pulumi_conduit.cli.adopt.inventory import grants_of
from pulumi_conduit.program.account_access import UserAccountAccess
from pulumi_conduit.program.company import Company
from pulumi_conduit.program.conductor_user import ConductorUser
from pulumi_conduit.program.roster import ROSTER_TYPE
from pulumi_conduit.resources.fields import to_properties
from pulumi_conduit.roster.model import resource_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.cli.adopt.inventory import Inventory

__all__ = ["TenantFiles", "import_text"]


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


@dataclass(frozen=True)
class TenantFiles:
    """The paths of the files; without a roster, the program declares every person one by one."""

    import_file: Path
    component: str
    roster: Path | None
    program: Path | None

    def paths(self) -> list[Path]:
        """Return every file that will be written."""
        return [path for path in (self.roster, self.program, self.import_file) if path is not None]

    def progress(self) -> Path:
        """Return the file in which an interrupted run saves its progress."""
        return self.import_file.with_name(f"{self.import_file.name}.progress")

    def texts(self, inventory: Inventory) -> dict[Path, str]:
        """Return the content of each file."""
        texts = {self.import_file: import_text(inventory, self.component if self.roster else None)}
        if self.roster:
            texts[self.roster] = roster_text(inventory, is_csv=self.roster.suffix.lower() == ".csv")
        if self.program:
            texts[self.program] = self._program(inventory)
        return texts

    def declaration(self, profile: str | None) -> str:
        """Return the program that declares the roster, from the folder of the program or else of the roster."""
        home = (self.program or self.import_file).parent
        path = Path(os.path.relpath(self.roster or Path(), home)).as_posix()
        return roster_program_text(self.component, path, profile)

    def _program(self, inventory: Inventory) -> str:
        return self.declaration(inventory.profile) if self.roster else program_text(inventory)
