"""`pulumi-conduit report`: the changes in a plan, for review, and limits that fail a pipeline.

Knows histories, options and exit codes; what a plan means is decided in the modules beside this one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from pulumi_conduit.cli import escaping, files, terminal
from pulumi_conduit.cli.connection import Connection, with_connection
from pulumi_conduit.cli.exit_codes import FOUND, FailedError
from pulumi_conduit.cli.report.report import LimitResult, Report, evaluate_limits, read_report
from pulumi_conduit.cli.report.wording import Formatter, Wording
from pulumi_conduit.errors import InvalidInputError, escaped

__all__ = ["command", "print_report"]

_CREATE_WITH = "create it with `pulumi-conduit accounts --json`"


def read_accounts(text: str, name: str) -> Mapping[int, str]:
    """Return names by account id; `name` is the file's, for the error."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInputError(f"{name}: not JSON; {_CREATE_WITH}") from None
    if not isinstance(listed, list) or not all(_is_account(one) for one in listed):
        raise InvalidInputError(f"{name}: not a list of accounts with account_id and name; {_CREATE_WITH}")
    return {one["account_id"]: one["name"] for one in listed}


def _is_account(one: object) -> bool:
    if not isinstance(one, dict):
        return False
    account_id, name = one.get("account_id"), one.get("name")
    return isinstance(account_id, int) and not isinstance(account_id, bool) and isinstance(name, str)


_COUNT = click.IntRange(min=0)
_FILE = click.Path(path_type=Path)  # it is read later: a missing file is no wrong usage
_FORMATS = {"text": "text", "markdown": "markdown", "json": "json_data", "html": "page"}
"""Each format, and the module that renders it."""
_LARGEST = 256 * 1024 * 1024

_EPILOG = """\b
Examples:
  pulumi preview --json --show-sames --show-replacement-steps > plan.json
  pulumi-conduit report plan.json --ask-names                      for a terminal, accounts by name
  pulumi-conduit report plan.json --format markdown                for a comment on a pull request
  pulumi-conduit report plan.json --max-deactivations 3 --forbid-promotions   for a pipeline
"""

_Renderer = Callable[[Report, Sequence[LimitResult]], str]


@click.command("report", epilog=_EPILOG)
@click.argument("plan", default="-")
@click.option(
    "--format", "form", type=click.Choice(list(_FORMATS)), default="text", show_default=True, help="The output."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--accounts", type=_FILE, metavar="FILE", help="Names of accounts: what `pulumi-conduit accounts --json` printed."
)
@click.option("--ask-names", is_flag=True, help="Ask Conductor for the names of accounts; needs credentials.")
@click.option("--allow-unverified", is_flag=True, help="Report a plan that was made offline, with a notice.")
@click.option("--max-deactivations", type=_COUNT, metavar="N", help="Fail if the plan deactivates more people.")
@click.option("--max-revocations", type=_COUNT, metavar="N", help="Fail if the plan revokes more accounts.")
@click.option("--max-reactivations", type=_COUNT, metavar="N", help="Fail if the plan reactivates more people.")
@click.option("--max-adoptions", type=_COUNT, metavar="N", help="Fail if the plan adopts more existing objects.")
@click.option("--forbid-promotions", is_flag=True, help="Fail if the plan promotes an existing user to STANDARD.")
@with_connection
def command(plan: str, connection: Connection, **options: Any) -> None:
    """Report what a PLAN changes: who gains and who loses access, by name.

    PLAN is what `pulumi preview --json --show-sames --show-replacement-steps` printed; standard input by default.

    Exits with 1 if a limit is exceeded, and with 3 if the preview failed, or the plan is incomplete.
    """
    print_report(_text(plan), connection, **options)


def print_report(  # noqa: PLR0913 - one for each option
    text: str,
    connection: Connection,
    *,
    form: str,
    accounts: Path | None,
    as_json: bool,
    ask_names: bool,
    allow_unverified: bool,
    forbid_promotions: bool,
    is_whole: bool = False,
    **limits: int | None,
) -> None:
    """Print the report of a plan, and exit with 1 if it exceeds a limit.

    `is_whole`: the plan holds all stacks of a split roster, so that a person in no step is in no stack.
    """
    report = read_report(text, is_unverified_allowed=allow_unverified)
    names = _names(accounts, connection if ask_names else None)
    report = replace(report, names=names, reported_at=terminal.now())
    report = replace(report, is_part=False) if is_whole else report
    results = evaluate_limits(report, _allowed(limits, forbid_promotions=forbid_promotions))
    click.echo(_renderer("json" if as_json else form)(report, results).encode(), nl=False)
    _exit_if_exceeded(report, results)


def _text(plan: str) -> str:
    """Return the plan's text; Windows shells write a byte order mark."""
    if plan == "-" and sys.stdin.isatty():
        raise click.UsageError("there is no plan: name a file, or pipe `pulumi preview --json` into this")
    content = files.read_bytes(plan, _LARGEST + 1)
    if len(content) > _LARGEST:
        raise FailedError(f"the plan is larger than {_LARGEST // 1024 // 1024} MiB")
    return files.decode(content, "the plan")


def _names(file: Path | None, connection: Connection | None) -> Mapping[int, str]:
    """Return account names from the file, overridden by the API's."""
    from_file = read_accounts(files.read(file), escaped(str(file))) if file else {}
    asked = connection.conductor().cache.accounts() if connection else {}
    return {**from_file, **{account_id: account.name for account_id, account in asked.items()}}


def _allowed(limits: Mapping[str, int | None], *, forbid_promotions: bool) -> dict[str, int]:
    given = {name.removeprefix("max_"): most for name, most in limits.items() if most is not None}
    return {**given, "promotions": 0} if forbid_promotions else given


def _renderer(form: str) -> _Renderer:
    # Each is loaded when it is used: the page needs a library that the others do not.
    try:
        return cast("_Renderer", import_module(f"pulumi_conduit.cli.report.{_FORMATS[form]}").render)
    except ModuleNotFoundError as error:
        if error.name not in {"jinja2", "markupsafe"}:
            raise
        raise FailedError("the HTML report needs its extra: pip install 'pulumi-conduit[cli]'") from None


def _exit_if_exceeded(report: Report, results: Sequence[LimitResult]) -> None:
    words = Wording(report, results, Formatter(escaping.terminal))
    exceeded = [words.exceeded(one) for one in results if one.is_exceeded]
    for line in exceeded:
        click.echo(f"limit exceeded: {line}", err=True)
    if exceeded:
        click.get_current_context().exit(FOUND)
