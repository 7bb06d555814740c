"""`pulumi-conduit adopt`: the command line of the adoption.

Handles options and output; the other modules of this package read and render.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import Connection, with_connection
from pulumi_conduit.cli.exit_codes import FOUND, FailedError, one_line
from pulumi_conduit.cli.files import decode, read_bytes, refuse_existing, write_atomically
from pulumi_conduit.cli.pulumi_project import given_options
from pulumi_conduit.cli.terminal import QUIET, QUIET_HELP, ProgressDisplay
from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import ConduitError, escaped
from pulumi_conduit.resources import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.cli.adopt.companies import CompanyReader
    from pulumi_conduit.cli.adopt.files import TenantFiles
    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.cli.adopt.people import Choice, PeopleReader
    from pulumi_conduit.cli.adopt.stack import StackComparison

__all__ = ["INPUT", "OUTPUT", "PROGRAM", "ROSTER", "AdoptOptions", "command"]

ROSTER = "roster.yaml"
PROGRAM = "__main__.py"
_SUFFIXES = (".csv", ".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

OUTPUT = click.Path(dir_okay=False, path_type=Path)
INPUT = click.Path(allow_dash=True)  # it is read later: a missing file is no wrong usage


@dataclass(frozen=True)
class AdoptOptions:
    """The options, as parsed by click."""

    roster: Path | None
    import_file: Path
    program: Path | None
    companies: str | None
    form: str
    name: str | None
    emails: tuple[str, ...]
    not_emails: tuple[str, ...]
    accounts: tuple[str, ...]
    types: tuple[str, ...]
    only_active: bool
    no_people: bool
    force: bool
    is_quiet: bool
    profile: str | None

    @property
    def display(self) -> ProgressDisplay:
        """Return what shows the progress."""
        return ProgressDisplay(self.is_quiet)

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
        if self.roster and self.roster.suffix.lower() == ".csv" and self.companies:
            raise click.UsageError("a roster in CSV holds people only; give --roster a name that ends in .yaml")
        if self.name and not _NAME.fullmatch(self.name):
            raise click.UsageError("--name: letters, digits, '_', '.' and '-', with a letter or digit first")
        if self.profile is not None:
            self._refuse_odd_profile(self.profile)

    def _refuse_odd_profile(self, profile: str) -> None:
        try:
            fields.profile(profile)
        except ValueError as error:
            raise click.UsageError(f"--profile: {error}") from None


_TYPES = [UserType.READ_ONLY.value, UserType.STANDARD.value]
_MOST_BYTES = 32 * 1024 * 1024
_HELP = """Write existing people and companies as code, and the file for `pulumi import`.

Reads and never writes to an API. People are written with all accounts that the identity owns. Companies cannot be
listed: pass their ids. Exits with 1 if something was left out. Then run, in the folder of the Pulumi project:

\b
  pulumi import --file import.json --generate-code=false --yes
  pulumi preview --expect-no-changes
  pulumi up
"""
_EPILOG = """\b
Examples:
  pulumi-conduit adopt --companies ids.txt --program __main__.py   all people, into a roster and its program
  pulumi-conduit adopt --email '*@acme.example' --only-active      some people, into a roster
  pulumi-conduit adopt --format program                            a program that declares them one by one
"""


@click.command("adopt", help=_HELP, epilog=_EPILOG)
@click.option("--roster", type=OUTPUT, help=f"The roster to write, .yaml or .csv; {ROSTER} by default.")
@click.option("--import-file", type=OUTPUT, default="import.json", show_default=True, help="For `pulumi import`.")
@click.option("--program", type=OUTPUT, help=f"Write the program, too; with --format program, {PROGRAM} by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["roster", "program"]),
    default="roster",
    show_default=True,
    help="A roster, or a program that declares every person one by one.",
)
@click.option("--name", metavar="NAME", help="The Roster's name in the program; team by default.")
@click.option("--companies", type=INPUT, metavar="FILE|-", help="Ids of companies, one a line; -: standard input.")
@click.option("--email", "emails", multiple=True, metavar="GLOB", help="Only people like *@acme.example; repeatable.")
@click.option("--not-email", "not_emails", multiple=True, metavar="GLOB", help="Exclude people like this; repeatable.")
@click.option("--account", "accounts", multiple=True, metavar="ID|NAME", help="Only people who hold one of these.")
@click.option("--type", "types", multiple=True, type=click.Choice(_TYPES), help="Only people of this type.")
@click.option("--only-active", is_flag=True, help="Leave INACTIVE people out.")
@click.option("--no-people", is_flag=True, help="Companies only; for --format program.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option(*QUIET, is_flag=True, help=QUIET_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@with_connection
def command(connection: Connection, *, companies: str | None, as_json: bool, **given: Any) -> None:
    """Write existing people and companies as code, and the file for `pulumi import`."""
    from pulumi_conduit.cli.adopt.stack import StackComparison  # noqa: PLC0415 - help must not load HTTP

    order = AdoptOptions(**given, companies=companies, profile=connection.profile)
    files = order.files()
    stack = StackComparison.of(connection, files.component if files.roster else None)
    try:
        ids = _ids(companies) if companies else []
        people = _people(connection, order)
        found = _companies(connection, order, ids, files) if ids else None
        inventory = _inventory(connection, people, found, stack)
        _write(files, inventory)
    except OSError as error:
        raise FailedError(one_line(error)) from None
    next_steps = _next_steps(connection, files.import_file)
    resumed = found.resumed if found else 0
    _show(order, files, inventory, stack, resumed, next_steps=next_steps, as_json=as_json)
    if any(not one.is_expected for one in inventory.left_out):
        click.get_current_context().exit(FOUND)


def _ids(file: str) -> list[str]:
    from pulumi_conduit.cli.adopt.companies import read_ids  # noqa: PLC0415 - help must not load HTTP

    return read_ids(decode(read_bytes(file, _MOST_BYTES), f"'{escaped(file, 400)}'"), file)


def _people(connection: Connection, order: AdoptOptions) -> PeopleReader | None:
    from pulumi_conduit.cli.adopt.people import PeopleReader  # noqa: PLC0415 - likewise

    if order.no_people:
        return None
    session = connection.conductor()
    people = PeopleReader(session, connection.profile)
    people.read(order.choice(session.cache.accounts), order.display)
    return people


def _companies(connection: Connection, order: AdoptOptions, ids: list[str], files: TenantFiles) -> CompanyReader:
    from pulumi_conduit.cli.adopt.companies import CompanyReader, Progress  # noqa: PLC0415 - help must not load HTTP

    session = connection.link()
    progress = Progress(files.progress(), str(session.tenant))
    companies = CompanyReader(session, connection.profile, progress)
    try:
        companies.read(ids, workers=connection.settings.workers(), display=order.display)
    except (ConduitError, KeyboardInterrupt) as error:
        why = str(error) or "interrupted"
        raise FailedError(f"{why}\nWhat was read is kept: run the same command again to continue.") from None
    return companies


def _inventory(
    connection: Connection, people: PeopleReader | None, companies: CompanyReader | None, stack: StackComparison
) -> Inventory:
    from pulumi_conduit.cli.adopt.inventory import Inventory  # noqa: PLC0415 - likewise

    persons = people.found if people else []
    left_out = [*(people.left_out if people else ()), *(companies.left_out if companies else ())]
    inventory = Inventory(
        people=tuple(persons),
        companies=tuple(companies.found if companies else ()),
        left_out=tuple(left_out),
        profile=connection.profile,
    )
    inventory = stack.without(inventory)
    if not inventory.people and not inventory.companies:
        raise FailedError("\n".join(["there is nothing to adopt", *map(str, inventory.left_out)]))
    return replace(inventory, account_names=_account_names(connection, inventory))


def _account_names(connection: Connection, inventory: Inventory) -> tuple[tuple[int, str], ...]:
    held = sorted({one for person in inventory.people for one in person.initial_accounts})
    names = connection.conductor().cache.accounts() if held else {}
    return tuple((one, names[one].name) for one in held)


def _write(files: TenantFiles, inventory: Inventory) -> None:
    write_atomically(files.texts(inventory))
    files.progress().unlink(missing_ok=True)


def _next_steps(connection: Connection, import_file: Path) -> list[str]:
    """Return the commands that come next, on the stack and in the folder that were given."""
    # The CLI changes to the folder before it opens the file.
    file = import_file if connection.folder == Path() else import_file.absolute()
    given = given_options(connection.stack, connection.folder)
    steps = (
        f"pulumi import --file {shlex.quote(str(file))} --generate-code=false --yes",
        "pulumi preview --expect-no-changes",
        "pulumi up",
    )
    return [step + given for step in steps]


def _show(  # noqa: PLR0913 - one parameter per part of the summary
    order: AdoptOptions,
    files: TenantFiles,
    inventory: Inventory,
    stack: StackComparison,
    resumed: int,
    *,
    next_steps: list[str],
    as_json: bool,
) -> None:
    counts = {"people": len(inventory.people), "grants": inventory.grants(), "companies": len(inventory.companies)}
    written = [str(path) for path in files.paths()]
    if as_json:
        left_out = [{"what": one.what, "reason": one.reason, "expected": one.is_expected} for one in inventory.left_out]
        click.echo(
            json.dumps(
                {
                    **counts,
                    "resumed": resumed,
                    "left_out": left_out,
                    "stack": stack.name,
                    "files": written,
                    "next": next_steps,
                },
                indent=2,
            )
        )
        return
    earlier = f" ({resumed} of them read by an earlier run)" if resumed else ""
    click.echo(", ".join(f"{count} {what}" for what, count in counts.items()) + earlier)
    for one in inventory.left_out:
        click.echo(f"left out: {one}")
    click.echo(stack.summary)
    click.echo(f"written: {', '.join(escaped(path) for path in written)}")
    if order.is_quiet:
        return
    if files.roster and not files.program:
        click.echo(f"\nThe program is:\n\n{files.declaration(order.profile)}")
    click.echo("\nNext:\n" + "\n".join(f"  {step}" for step in next_steps))
