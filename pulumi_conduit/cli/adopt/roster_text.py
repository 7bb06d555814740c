"""A tenant as a roster, in YAML, or in CSV where it holds people only; what `roster.reader` reads back is the same.

Names come from the APIs: whatever they hold must neither end a value nor be mistaken for another one.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.cli.adopt.comments import account_lines
from pulumi_conduit.cli.adopt.declared import company_arguments, person_arguments
from pulumi_conduit.errors import RefusedError, escaped
from pulumi_conduit.roster.csv_cells import FORMULA_STARTS
from pulumi_conduit.roster.people_csv import SEPARATOR
from pulumi_conduit.roster.rows import MAX_ROWS
from pulumi_conduit.roster.text import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["roster_text"]

# libyaml is in every wheel of PyYAML and some twenty times as fast.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_HEAD = "# What lived when `pulumi-conduit adopt` looked. Every key is described in docs/roster.md of pulumi-conduit.\n"
_COLUMNS = ("email", "first_name", "last_name", "type", "view", "sso_access", "status", "accounts")
_NO_LIMIT = 2**31 - 1


def roster_text(inventory: Inventory, *, is_csv: bool) -> str:
    """Return the file; RefusedError says in one line what a roster, or one in CSV, cannot hold."""
    if not inventory.people:
        raise RefusedError("there is no person to write, and a roster needs one; write a program: --format program")
    if len(inventory.people) > MAX_ROWS or len(inventory.companies) > MAX_ROWS:
        raise RefusedError(f"a roster holds at most {MAX_ROWS} people and {MAX_ROWS} companies; choose by --email")
    text = _csv(inventory) if is_csv else _yaml(inventory)
    if len(text.encode()) > MAX_BYTES:
        raise RefusedError(f"a roster is at most {MAX_BYTES // 1024**2} MiB; choose by --email")
    return text


def _yaml(inventory: Inventory) -> str:
    sections: dict[str, list[Any]] = {"people": [_person(one) for one in inventory.people]}
    if inventory.companies:
        sections["companies"] = [company_arguments(one) for one in inventory.companies]
    shown = yaml.dump(
        sections, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, default_flow_style=None, width=_NO_LIMIT
    )
    return _HEAD + account_lines(inventory) + str(shown)


def _csv(inventory: Inventory) -> str:
    if inventory.companies:
        raise RefusedError("a roster in CSV holds people only; give --roster a name that ends in .yaml")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for person in inventory.people:
        writer.writerow(_cells(person))
    return file.getvalue()


def _person(state: ConductorUserState) -> dict[str, Any]:
    said = person_arguments(state)
    said["accounts"] = said.pop("initial_accounts")
    return said


def _cells(state: ConductorUserState) -> list[str]:
    said = _person(state)
    texts: Mapping[str, str] = {
        **{name: str(value) for name, value in said.items()},
        "sso_access": "true" if state.sso_access else "",
        "accounts": SEPARATOR.join(map(str, state.initial_accounts)),
    }
    cells = [texts.get(name, "") for name in _COLUMNS]
    for cell in cells:
        if cell.startswith(FORMULA_STARTS) or cell != cell.strip(" "):
            raise RefusedError(
                f"user {escaped(state.email)}: CSV cannot hold '{escaped(cell, 80)}': no cell starts with one"
                f" of {' '.join(FORMULA_STARTS)}, and spaces around it are lost; use a name that ends in .yaml"
            )
    return cells
