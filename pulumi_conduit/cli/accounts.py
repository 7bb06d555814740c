"""`pulumi-conduit accounts`: the accounts that the identity owns, by id and name.

`--json` prints what `report --accounts` reads, so that a plan that was made offline can be reported by name.
"""

from __future__ import annotations

import json

import click

from pulumi_conduit.cli.connection import Connection, with_connection
from pulumi_conduit.errors import escaped

__all__ = ["command"]


_EPILOG = """\b
Examples:
  pulumi-conduit accounts                          to look an id up
  pulumi-conduit accounts --json > accounts.json   account names for `report`
"""


@click.command("accounts", epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as `report --accounts` reads it.")
@with_connection
def command(connection: Connection, *, as_json: bool) -> None:
    """List the accounts of the Conductor identity, as rosters and grants name them."""
    accounts = sorted(connection.conductor().cache.accounts().values(), key=lambda one: one.account_id)
    if as_json:
        listed = [{"account_id": one.account_id, "name": one.name} for one in accounts]
        click.echo(json.dumps(listed, indent=2))
        return
    for one in accounts:
        click.echo(f"{one.account_id}\t{escaped(one.name)}")
