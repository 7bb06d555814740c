"""`pulumi-conduit doctor`: the command line of the checks, cheapest first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import with_connection
from pulumi_conduit.cli.doctor import apis, machine, settings
from pulumi_conduit.cli.doctor.findings import Examined, Finding, Level
from pulumi_conduit.cli.doctor.machine import size
from pulumi_conduit.cli.escaping import json_text, terminal
from pulumi_conduit.cli.exit_codes import FOUND
from pulumi_conduit.resources import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_conduit.cli.connection import Connection

__all__ = ["command"]

SECTIONS: dict[str, tuple[Callable[[Examined], Iterator[Finding]], ...]] = {
    "Settings": (
        settings.found_settings,
        settings.routes,
        settings.in_clear,
        settings.unknown_variables,
        settings.unknown_keys,
        settings.profiles,
    ),
    "Program": (machine.cli, machine.interpreter),
    "Stack": (size,),
    "APIs": (apis.offline, apis.conductor, apis.link),
}


def diagnose(subject: Examined) -> Iterator[tuple[str, Finding]]:
    """Run the checks, and yield each finding with its section as soon as it is known."""
    for section, checks in SECTIONS.items():
        for check in checks:
            for finding in check(subject):
                yield section, finding


_COLOURS = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.PROBLEM: "red"}
_LONGEST = 2000  # an identity may own many accounts
_WIDTH = max(map(len, Level))


def _company(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else fields.company_id(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_EPILOG = """\b
Examples:
  pulumi-conduit doctor                          before the first run: what is missing or wrong
  pulumi-conduit doctor --stack prod             with the settings in the config of a stack, and its size
  pulumi-conduit doctor --company ACME           the Link token, too, tried on a company
  pulumi-conduit doctor --offline --json         for a machine, without a request
"""


@click.command("doctor", epilog=_EPILOG)
@with_connection
@click.option("--company", metavar="ID", callback=_company, help="Test the Link token on it, which mints a token.")
@click.option("--offline", "is_offline", is_flag=True, help="Send no request.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(
    ctx: click.Context, *, connection: Connection, company: str | None, is_offline: bool, as_json: bool
) -> None:
    """Check settings, program, stack and APIs, and report what is wrong and how to fix it.

    Changes nothing, and prints no secret. Logs in to Conductor exactly once: a refused login is not retried. Every
    request of the Link API has an effect, so its token is tested on a company that you name, or not at all.
    With --stack the size of the stack is checked, too. Exits with 0 if all is well, notes included, 1 if there are
    warnings or problems, 3 if it failed.
    """
    subject = Examined(
        environ=os.environ,
        config=connection.config.values,
        in_clear=connection.config.plain,
        profile=connection.profile,
        stack=connection.stack,
        folder=connection.folder,
        company=company,
        is_offline=is_offline,
    )
    findings = diagnose(subject)
    seen = list(findings) if as_json else list(_with_status(findings))
    if as_json:
        click.echo(json_text([_as_data(section, finding) for section, finding in seen]))
    ctx.exit(FOUND if any(finding.level.counts for _, finding in seen) else 0)


def _with_status(findings: Iterator[tuple[str, Finding]]) -> Iterator[tuple[str, Finding]]:
    """Print each finding as it comes, because some checks take seconds."""
    last = ""
    for section, finding in findings:
        if section != last:
            click.secho(section, bold=True)
        last = section
        mark = click.style(f"{finding.level.value:{_WIDTH}}", fg=_COLOURS[finding.level])
        click.echo(f"  {mark}  {terminal(finding.text, _LONGEST)}")
        if finding.advice:
            click.echo(f"  {'':{_WIDTH}}    {terminal(finding.advice, _LONGEST)}")
        yield section, finding


def _as_data(section: str, finding: Finding) -> dict[str, Any]:
    return {
        "section": section,
        "code": finding.code.code,
        "level": finding.level.value,
        "text": finding.text,
        "advice": finding.advice,
    }
