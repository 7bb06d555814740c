"""`stacks preview --report`: one report of all stacks, with the options and the limits of `pulumi-conduit report`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import Connection
from pulumi_conduit.cli.report import command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_conduit.cli.stacks.options import Chosen
    from pulumi_conduit.cli.stacks.outcome import Outcome

__all__ = ["REPORT_OPTIONS", "refuse_without_report", "tell"]

_OWN = {"plan", "profile", "stack", "folder", "as_json"}
"""What `stacks` asks in its own way."""

REPORT_OPTIONS = tuple(
    one for one in command.command.params if isinstance(one, click.Option) and one.name not in _OWN and not one.is_eager
)
"""The options of `report`, as they stand there."""


def refuse_without_report(ctx: click.Context) -> None:
    """Refuse options of a report where none is asked for: a limit that nobody looks at stops nothing."""
    given = [one for one in REPORT_OPTIONS if _is_given(ctx, str(one.name))]
    if given and not ctx.params["report"]:
        names = ", ".join(one.opts[0] for one in given)
        raise click.UsageError(f"{names}: of a report only; say --report, too")


def tell(chosen: Chosen, stack: str | None, outcomes: Sequence[Outcome]) -> None:
    """Print the report of all previews; `stack` is one whose config may have the settings that --ask-names needs."""
    from pulumi_conduit.cli.stacks.plans import merged_plan  # noqa: PLC0415 - see `stacks._command`

    options: Mapping[str, Any] = chosen.of_report
    plan = merged_plan({one.stack: one.printed for one in outcomes})
    in_environ = Connection(chosen.profile, None, chosen.folder)
    is_there = in_environ.settings.has_conductor(chosen.profile)
    connection = in_environ if is_there else Connection(chosen.profile, stack, chosen.folder)
    command.tell(plan, connection, as_json=chosen.as_json, is_whole=True, **options)


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) not in (None, click.core.ParameterSource.DEFAULT)
