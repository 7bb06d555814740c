"""The options of `adopt`, validated before the first request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli.exit_codes import FailedError
from pulumi_conduit.cli.output_files import refuse_existing
from pulumi_conduit.errors import escaped
from pulumi_conduit.resources import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.cli.adopt.files import TenantFiles
    from pulumi_conduit.cli.adopt.people import Choice

__all__ = ["INPUT", "OUTPUT", "PROGRAM", "ROSTER", "AdoptOptions"]

ROSTER = "roster.yaml"
PROGRAM = "__main__.py"
_SUFFIXES = (".csv", ".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

OUTPUT = click.Path(dir_okay=False, path_type=Path)
INPUT = click.Path(exists=True, dir_okay=False, allow_dash=True)


@dataclass(frozen=True)
class AdoptOptions:
    """The options, as parsed by click."""

    roster: Path | None
    import_file: Path
    program: Path | None
    form: str
    name: str | None
    emails: tuple[str, ...]
    not_emails: tuple[str, ...]
    accounts: tuple[str, ...]
    types: tuple[str, ...]
    only_active: bool
    no_people: bool
    force: bool
    profile: str | None

    def files(self) -> TenantFiles:
        """Return the output files; wrong usage, missing folders and existing files are errors."""
        from pulumi_conduit.cli.adopt.files import TenantFiles  # noqa: PLC0415 - help must not load Pulumi

        self._refuse_wrong_usage()
        files = TenantFiles(self.import_file, self.name or "team", *self._code())
        targets = [path.resolve() for path in files.paths()]  # one may be a link to another
        if len(set(targets)) < len(targets):
            raise click.UsageError("two of the files have one name")
        for path, target in zip(files.paths(), targets, strict=True):
            if not target.parent.is_dir():
                raise FailedError(f"{escaped(str(path))}: there is no such folder")
        if not self.force:
            refuse_existing(files.paths())
        return files

    def choice(self, owned: Callable[[], Mapping[int, AccountRecord]]) -> Choice:
        """Return the filter for people; InvalidInputError lists accounts that are not owned."""
        from pulumi_conduit.cli.adopt.people import Choice, resolve_accounts  # noqa: PLC0415 - likewise

        accounts = resolve_accounts(self.accounts, owned()) if self.accounts else frozenset()
        return Choice(self.emails, self.not_emails, accounts, frozenset(self.types), self.only_active)

    def _code(self) -> tuple[Path | None, Path | None]:
        if self.form == "program":
            return None, self.program or Path(PROGRAM)
        return self.roster or Path(ROSTER), self.program

    def _refuse_wrong_usage(self) -> None:
        if self.form == "program" and (self.roster or self.name):
            raise click.UsageError("a program that declares every person has no roster: omit --roster and --name")
        if self.form == "roster" and self.no_people:
            raise click.UsageError("a roster needs people; with --no-people, give --format program")
        if self.roster and self.roster.suffix.lower() not in _SUFFIXES:
            raise click.UsageError("the name of a roster ends in .csv, .yaml or .yml")
        if self.name and not _NAME.fullmatch(self.name):
            raise click.UsageError("--name: letters, digits, '_', '.' and '-', with a letter or digit first")
        if self.profile is not None:
            self._refuse_odd_profile(self.profile)

    def _refuse_odd_profile(self, profile: str) -> None:
        try:
            fields.profile(profile)
        except ValueError as error:
            raise click.UsageError(f"--profile: {error}") from None
