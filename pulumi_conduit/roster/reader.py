"""Reads and validates a roster file: returns all declarations, or raises all problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import escaped
from pulumi_conduit.roster.accounts import Accounts, ListAccounts
from pulumi_conduit.roster.csv_file import read_people_csv
from pulumi_conduit.roster.model import COMPANY, PERSON, Column, CompanyRow, DeclaredRoster, PersonRow, group_name
from pulumi_conduit.roster.rows import Row, Sections, nearest, read_list, read_row, read_rows, read_sections
from pulumi_conduit.roster.source import InvalidNode, MappingNode, Node, Problems, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["read_roster"]

_KINDS: Mapping[str, Mapping[str, Column]] = {"people": PERSON, "companies": COMPANY}


def read_roster(path: Path, list_accounts: ListAccounts) -> DeclaredRoster:
    """Return what a file declares; `list_accounts` is called, once, if accounts are given by name.

    :raises InvalidInputError: with every problem of the file, one per line.
    """
    problems = Problems()
    sections = read_sections(path, problems)
    roster = _SectionReader(sections, list_accounts, problems).roster() if sections else DeclaredRoster((), ())
    if sections and not roster.people and problems.is_clean():
        problems.add(
            sections.people_at(), "declares no person; to remove all people, remove the Roster from the program"
        )
    problems.refuse_any()
    return roster


class _SectionReader:
    """Reads the sections of one file."""

    def __init__(self, sections: Sections, list_accounts: ListAccounts, problems: Problems) -> None:
        self._sections = sections
        self._problems = problems
        self._accounts = Accounts(list_accounts, problems)

    def roster(self) -> DeclaredRoster:
        """Return everything that is valid; the rest is among the problems."""
        self._read_groups()
        defaults = self._defaults()
        people = self._rows(self._people(defaults["people"].values), "email", PERSON, defaults["people"])
        companies = self._sections.listing("companies", self._problems)
        return DeclaredRoster(
            tuple(self._person(row) for row in people),
            tuple(_company(row) for row in self._rows(companies, "company_id", COMPANY, defaults["companies"])),
        )

    def _read_groups(self) -> None:
        table = self._sections.table("groups", self._problems)
        groups = {}
        for name, entry in (table.entries if table else {}).items():
            try:
                group_name(name)
            except ValueError as error:
                self._problems.add(entry.at, f"groups: {error}")
            entries = read_list(f"group '{escaped(name, 80)}'", PERSON["accounts"], entry.value, self._problems)
            groups[name] = entries or ()
        self._accounts.add_groups(groups)

    def _defaults(self) -> dict[str, Row]:
        table = self._sections.table("defaults", self._problems)
        entries = table.entries if table else {}
        for name, entry in entries.items():
            if name not in _KINDS:
                self._problems.add(entry.at, f"'{escaped(name, 80)}' has no defaults{nearest(name, _KINDS)}")
        return {
            kind: self._defaults_of(kind, columns, entries[kind].value) if kind in entries else self._no_defaults()
            for kind, columns in _KINDS.items()
        }

    def _defaults_of(self, kind: str, columns: Mapping[str, Column], node: Node) -> Row:
        if isinstance(node, MappingNode):
            shared = {name: column for name, column in columns.items() if not column.is_identity}
            return read_row(node, shared, f"the defaults of {kind}", self._problems)
        if not isinstance(node, InvalidNode):
            self._problems.add(node.at, f"the defaults of {kind} must have keys")
        return self._no_defaults()

    def _no_defaults(self) -> Row:
        return Row(self._sections.at, {}, {})

    def _people(self, defaults: Mapping[str, Any]) -> SequenceNode | None:
        file = self._sections.people_file()
        if file is not None:
            return read_people_csv(*file, defaults, self._problems)
        return self._sections.listing("people", self._problems)

    def _rows(
        self, listing: SequenceNode | None, key: str, columns: Mapping[str, Column], defaults: Row
    ) -> Iterator[Row]:
        return read_rows(listing, key, columns, defaults, self._problems) if listing else iter(())

    def _person(self, row: Row) -> PersonRow:
        accounts = self._accounts.ids(row.values["accounts"])
        return PersonRow(row.at, **{**row.values, "accounts": accounts}, labels=row.labels)


def _company(row: Row) -> CompanyRow:
    return CompanyRow(row.at, **row.values, labels=row.labels)
