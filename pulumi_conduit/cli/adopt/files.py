"""The output files of an adoption: a roster in YAML or CSV, or a Python program, and one for `pulumi import --file`.

`roster.reader` parses the roster. The import file has every resource as a stack's state would have it.
"""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import yaml
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_conduit import provider
from pulumi_conduit.cli.adopt.inventory import grants_of
from pulumi_conduit.errors import RefusedError, escaped
from pulumi_conduit.program.account_access import UserAccountAccess
from pulumi_conduit.program.company import Company
from pulumi_conduit.program.conductor_user import ConductorUser
from pulumi_conduit.program.roster import ROSTER_TYPE
from pulumi_conduit.resources.company.model import PROPERTIES as COMPANY_PROPERTIES
from pulumi_conduit.resources.conductor_user.model import PROPERTIES as USER_PROPERTIES
from pulumi_conduit.resources.fields import snake_case, to_properties
from pulumi_conduit.roster.csv_file import SEPARATOR, formula_in
from pulumi_conduit.roster.model import resource_name
from pulumi_conduit.roster.rows import MAX_ROWS
from pulumi_conduit.roster.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState
    from pulumi_conduit.resources.fields import Field

__all__ = [
    "TenantFiles",
    "company_arguments",
    "import_text",
    "person_arguments",
    "program_text",
    "roster_program_text",
    "roster_text",
]


def account_lines(inventory: Inventory) -> str:
    """Return a comment line for each account, with invisible characters escaped."""
    names = [f"#   {one} = '{_visible(name)}'\n" for one, name in inventory.account_names]
    return "".join(["# Accounts:\n", *names]) if names else ""


def _visible(name: str) -> str:
    shown = escaped(name, 80)
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in shown)


def person_arguments(person: ConductorUserState) -> dict[str, Any]:
    """Return the arguments of a person's resource, without the profile."""
    return _non_default_arguments(USER_PROPERTIES, person.inputs())


def company_arguments(company: CompanyState) -> dict[str, Any]:
    """Return the arguments of a company's resource, without the profile."""
    return _non_default_arguments(COMPANY_PROPERTIES, company.inputs())


def _non_default_arguments(fields: Mapping[str, Field], inputs: Mapping[str, Any]) -> dict[str, Any]:
    names = (name for name in fields if name in inputs and name != "profile" and inputs[name] != fields[name].default)
    return {snake_case(name): inputs[name] for name in names}


# libyaml is in every wheel of PyYAML and some twenty times as fast.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ROSTER_HEAD = "# As `pulumi-conduit adopt` found it. docs/roster.md of pulumi-conduit describes every key.\n"
_COLUMNS = ("email", "first_name", "last_name", "type", "view", "sso_access", "status", "accounts")
_NO_LIMIT = 2**31 - 1


def roster_text(inventory: Inventory, *, is_csv: bool) -> str:
    """Return the roster file; RefusedError if the format cannot hold the inventory."""
    if not inventory.people:
        raise RefusedError("no people found, and a roster needs one; write a program: --format program")
    if len(inventory.people) > MAX_ROWS or len(inventory.companies) > MAX_ROWS:
        raise RefusedError(f"a roster holds at most {MAX_ROWS} people and {MAX_ROWS} companies; choose by --email")
    text = _csv(inventory) if is_csv else _yaml(inventory)
    if len(text.encode()) > MAX_BYTES:
        raise RefusedError(f"a roster is at most {MAX_BYTES // 1024**2} MiB; choose by --email")
    return text


def _yaml(inventory: Inventory) -> str:
    sections: dict[str, list[Any]] = {"people": [_person_entry(one) for one in inventory.people]}
    if inventory.companies:
        sections["companies"] = [company_arguments(one) for one in inventory.companies]
    shown = yaml.dump(
        sections, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, default_flow_style=None, width=_NO_LIMIT
    )
    return _ROSTER_HEAD + account_lines(inventory) + str(shown)


def _csv(inventory: Inventory) -> str:
    if inventory.companies:
        raise RefusedError("a roster in CSV holds people only; give --roster a name that ends in .yaml")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for person in inventory.people:
        writer.writerow(_cells(person))
    return file.getvalue()


def _person_entry(state: ConductorUserState) -> dict[str, Any]:
    entry = person_arguments(state)
    entry["accounts"] = entry.pop("initial_accounts")
    return entry


def _cells(state: ConductorUserState) -> list[str]:
    entry = _person_entry(state)
    texts: Mapping[str, str] = {
        **{name: str(value) for name, value in entry.items()},
        "sso_access": "true" if state.sso_access else "",
        "accounts": SEPARATOR.join(map(str, state.initial_accounts)),
    }
    cells = [texts.get(name, "") for name in _COLUMNS]
    for cell in cells:
        if sign := formula_in(cell):
            raise RefusedError(
                f"user {escaped(state.email)}: CSV cannot hold '{escaped(cell, 80)}': a spreadsheet"
                f" takes it for a formula ('{sign}'); use a name that ends in .yaml"
            )
    return cells


_PROGRAM_HEAD = '''\
"""People, their access, and companies, as `pulumi-conduit adopt` found them."""

import pulumi_conduit as conduit
'''


def roster_program_text(component: str, path: str, profile: str | None) -> str:
    """Return a program with one Roster, whose path is relative to the program's folder."""
    more = "" if profile is None else f", profile={profile!r}"
    return f"{_PROGRAM_HEAD}\nconduit.Roster({component!r}, {path!r}{more})\n"


def program_text(inventory: Inventory) -> str:
    """Return a program that declares every person one by one."""
    parts = [_PROGRAM_HEAD, "\n" if inventory.account_names else "", account_lines(inventory)]
    parts += [f"\n{_person_call(one, inventory.profile)}" for one in inventory.people]
    parts += [f"\n{_company(one, inventory.profile)}" for one in inventory.companies]
    return "".join(parts)


def _person_call(person: ConductorUserState, profile: str | None) -> str:
    entry = person_arguments(person)
    return "person = " + _call("ConductorUser", person.email, entry, profile) + "".join(_grants(person))


def _grants(person: ConductorUserState) -> Iterator[str]:
    for grant in grants_of(person):
        name = resource_name(grant.user, grant.account_id)
        yield f"conduit.UserAccountAccess({name!r}, user=person, account_id={grant.account_id})\n"


def _company(company: CompanyState, profile: str | None) -> str:
    return _call("Company", company.id, company_arguments(company), profile)


def _call(kind: str, name: str, arguments: Mapping[str, Any], profile: str | None) -> str:
    given = dict(arguments) if profile is None else {**arguments, "profile": profile}
    lines = [f"    {argument}={value!r},\n" for argument, value in given.items()]
    return f"conduit.{kind}(\n    {name!r},\n{''.join(lines)})\n"


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
