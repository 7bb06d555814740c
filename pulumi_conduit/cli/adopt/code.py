"""Renders an inventory as code: a roster in YAML or CSV, or a Python program. `roster.reader` parses the roster."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.cli.adopt.inventory import grants_of
from pulumi_conduit.errors import RefusedError, escaped
from pulumi_conduit.resources.company.model import PROPERTIES as COMPANY_PROPERTIES
from pulumi_conduit.resources.conductor_user.model import PROPERTIES as USER_PROPERTIES
from pulumi_conduit.resources.fields import snake_case
from pulumi_conduit.roster.csv_file import SEPARATOR, formula_in
from pulumi_conduit.roster.model import resource_name
from pulumi_conduit.roster.rows import MAX_ROWS
from pulumi_conduit.roster.text import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState
    from pulumi_conduit.resources.fields import Field

__all__ = ["company_arguments", "person_arguments", "program_text", "roster_program_text", "roster_text"]


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
