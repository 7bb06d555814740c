"""`pulumi-conduit verify`: the command line of the verification.

Handles options, the confirmation and the output; the other modules of this package send requests.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import with_connection
from pulumi_conduit.cli.exit_codes import FOUND, FailedError
from pulumi_conduit.cli.files import refuse_existing, write_atomically
from pulumi_conduit.cli.verify.order import Order
from pulumi_conduit.resources import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pulumi_conduit.cli.connection import Connection
    from pulumi_conduit.cli.verify.results import Results
    from pulumi_conduit.cli.verify.run import Run

__all__ = ["command"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_ACCOUNT = click.IntRange(min=0)
_REPORTS = (".md", ".json")
_MOST_ACCOUNTS = 2


def _parsed(parse: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


_EPILOG = """\b
Examples:
  pulumi-conduit verify --user you+conduit@corp.example --company CONDUITTEST --read-only
  pulumi-conduit verify --user you+conduit@corp.example --company CONDUITTEST --report verify.md
  pulumi-conduit verify --user you+conduit@corp.example --again --probe-writes --routes routes.toml
"""


@click.command("verify", epilog=_EPILOG)
@click.option("--user", metavar="EMAIL", callback=_parsed(fields.email), help="An address of yours, of no user yet.")
@click.option("--company", metavar="ID", callback=_parsed(fields.company_id), help="An id that no company has yet.")
@click.option(
    "--account",
    "accounts",
    multiple=True,
    type=click.IntRange(min=0),
    metavar="ID",
    help="Grant this account; two at most.",
)
@click.option("--read-only", "is_read_only", is_flag=True, help="Write nothing at all.")
@click.option("--probe-writes", "probes_writes", is_flag=True, help="Try other routes of writes, too.")
@click.option("--again", is_flag=True, help="Take the user and the company that an earlier run has left.")
@click.option("--last-account", "with_last_account", is_flag=True, help="Take the user's last account, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--routes", type=_FILE, metavar="FILE", help="Write the file for CONDUCTOR_ROUTES that works.")
@click.option("--report", type=_FILE, metavar="FILE", help="Write a report to attach to an issue: .md or .json.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_connection
@click.pass_context
def command(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    /,
    *,
    connection: Connection,
    yes: bool,
    routes: Path | None,
    report: Path | None,
    force: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Try every operation on one test user and one test company, and report what the APIs do.

    The user is named Conduit Verify and the company "pulumi-conduit verify"; nobody else is touched, no mail is sent,
    and what other name or address is met ends the run. In the end the user is INACTIVE and the company's page closed:
    the APIs delete neither. On 404, 405 or 501 other plausible verbs and paths are tried: of reads by itself, of writes
    with --probe-writes. The report has no secret, no address and no name. Exits with 0 if everything is as the provider
    is configured, 1 if something is not, 3 if it failed or stopped.
    """
    order = Order(**given)
    _refuse_wrong_usage(order, report, is_silent=yes, as_json=as_json)
    if not force:
        refuse_existing(path for path in (routes, report) if path)
    run = _connect(connection, order)
    try:
        with _interrupted_by_terminate():
            error = run.perform(lambda plans: _confirm(plans, is_silent=yes))
    finally:
        run.close()
    _write_files(run.results, routes, report)
    _print(run.results, as_json=as_json)
    if error:
        raise FailedError(str(error))
    ctx.exit(0 if run.results.is_fine else FOUND)


def _refuse_wrong_usage(order: Order, report: Path | None, *, is_silent: bool, as_json: bool) -> None:
    if order.user is None and order.company is None:
        raise click.UsageError("name a test user with --user, a test company with --company, or both")
    if len(set(order.accounts)) > _MOST_ACCOUNTS:
        raise click.UsageError("two accounts at most: --account is granted to the test user")
    if order.is_read_only and (order.probes_writes or order.with_last_account):
        raise click.UsageError("--read-only writes nothing, so it excludes --probe-writes and --last-account")
    if report and report.suffix.lower() not in _REPORTS:
        raise click.UsageError("--report must end with .md or .json")
    if not order.is_read_only and not is_silent and (as_json or not _is_terminal()):
        raise click.UsageError("it writes to the APIs: without a terminal, pass --yes, or --read-only")


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _connect(connection: Connection, order: Order) -> Run:
    from pulumi_conduit.cli.verify.run import Run  # noqa: PLC0415 - help must not load HTTP

    settings, profile = connection.settings, connection.profile
    conductor = settings.conductor(profile) if order.user else None
    if conductor and order.user == fields.canonical_email(conductor.username):
        raise click.UsageError("--user is the identity that logs in; name an address of no user")
    return Run(order, conductor, settings.link(profile) if order.company else None)


def _confirm(plans: Sequence[str], *, is_silent: bool) -> None:
    if is_silent:
        return
    for plan in plans:
        click.echo(plan)
    click.confirm("Nobody else is touched, and neither can be deleted afterwards. Go on?", abort=True)


@contextmanager
def _interrupted_by_terminate() -> Iterator[None]:
    """Let SIGTERM undo like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write_files(results: Results, routes: Path | None, report: Path | None) -> None:
    from pulumi_conduit.cli.verify.results import as_json, as_markdown, routes_file  # noqa: PLC0415 - likewise

    texts = {routes: routes_file(results)} if routes else {}
    if report:
        texts[report] = as_markdown(results) if report.suffix.lower() == ".md" else f"{as_json(results)}\n"
    write_atomically(texts)


def _print(results: Results, *, as_json: bool) -> None:
    from pulumi_conduit.cli.verify import results as written  # noqa: PLC0415 - likewise

    if as_json:
        click.echo(written.as_json(results))
        return
    for line in written.as_lines(results):
        click.echo(line)
