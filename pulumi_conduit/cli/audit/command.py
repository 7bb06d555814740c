"""`pulumi-conduit audit`: the command line of the audit.

Handles options, exports and output; the other modules of this package compare.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli import terminal
from pulumi_conduit.cli.audit.audit import Audit, audit
from pulumi_conduit.cli.audit.findings import FindingKind, as_json, as_lines, as_markdown
from pulumi_conduit.cli.connection import with_connection
from pulumi_conduit.cli.exit_codes import FOUND
from pulumi_conduit.cli.pulumi_project import stack_export
from pulumi_conduit.cli.stack_export import Export, read_export, read_export_file
from pulumi_conduit.cli.terminal import QUIET, QUIET_HELP, ProgressDisplay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_conduit.cli.connection import Connection

__all__ = ["command"]

_KINDS = [kind.code for kind in FindingKind if kind.is_problem]

_EPILOG = """\b
Examples:
  pulumi-conduit audit --stack prod                          what exists in the APIs and in no stack
  pulumi-conduit audit a.json b.json --format markdown       against the exports of two stacks
  pulumi-conduit audit --stack prod --no-companies --json    people and access only, for a machine
"""


@click.command("audit", epilog=_EPILOG)
@click.argument("files", nargs=-1, metavar="[EXPORT]...", type=click.Path(path_type=Path))
@with_connection
@click.option("--with-stack", "others", multiple=True, metavar="NAME", help="Export this stack, too; repeatable.")
@click.option("--no-companies", is_flag=True, help="Read no company; each GET mints a token for ten minutes.")
@click.option("--no-users", is_flag=True, help="Skip people and their access; send no request to Conductor.")
@click.option("--accept", multiple=True, metavar="KIND", type=click.Choice(_KINDS), help="Show these, but exit with 0.")
@click.option(*QUIET, is_flag=True, help=QUIET_HELP)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.pass_context
def command(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    *,
    connection: Connection,
    files: Sequence[Path],
    others: Sequence[str],
    accept: Sequence[str],
    form: str,
    no_companies: bool,
    no_users: bool,
    is_quiet: bool,
) -> None:
    """Find people, access and companies that exist in the APIs and in no stack, or in a stack only.

    EXPORT is a file that `pulumi stack export` has written; pass all stacks, or what the missing ones declare is
    reported as undeclared. A stack of --stack (whose config is used, too) or --with-stack is exported here.
    Reads only: one login, two lists, a GET for each person who seems to be missing or to differ, and a GET for each
    company, because companies cannot be listed. Exits with 0 if nothing was found, 1 if something was, 3 if it failed.
    """
    named = [*([connection.stack] if connection.stack else []), *others]
    if not files and not named:
        raise click.UsageError("name the exports of all your stacks, or the stacks with --stack and --with-stack")
    if no_companies and no_users:
        raise click.UsageError("--no-companies and --no-users together leave nothing to compare")
    display = ProgressDisplay(is_quiet)
    exports = [*map(read_export_file, files), *_exports(named, connection.folder, display)]
    done = audit(
        connection.run,
        connection.profile,
        exports,
        with_users=not no_users,
        with_companies=not no_companies,
        display=display,
    )
    _print(replace(done, audited_at=terminal.now()), form, accept)
    ctx.exit(FOUND if done.problems(accept) else 0)


def _exports(stacks: Sequence[str], folder: Path, display: ProgressDisplay) -> list[Export]:
    read = (read_export(stack_export(stack, folder), f"stack {stack}") for stack in stacks)
    return display.run("stacks", read, len(stacks))


def _print(done: Audit, form: str, accept: Sequence[str]) -> None:
    if form == "text":
        for text, is_alarm in as_lines(done, accept):
            click.secho(text, fg="yellow" if is_alarm else None)
    else:
        click.echo(as_json(done, accept) if form == "json" else as_markdown(done, accept))
