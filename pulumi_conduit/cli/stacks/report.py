"""`stacks preview --report`: one report over the previews of all stacks, with the options and limits of `report`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import Connection
from pulumi_conduit.cli.report import command
from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_conduit.cli.stacks.command import Chosen
    from pulumi_conduit.cli.stacks.runner import Outcome

__all__ = ["PLAN_OPTIONS", "REPORT_OPTIONS", "merged_plan", "print_combined_report", "refuse_without_report"]

PLAN_OPTIONS = ("--json", "--show-sames", "--show-replacement-steps")
"""The options with which a preview prints all that a report needs."""


def merged_plan(printed: Mapping[str, str]) -> str:
    """Merge the plans of all stacks into one; ConduitError if one is not a plan."""
    plans = [_plan(stack, text) for stack, text in printed.items()]
    merged: dict[str, Any] = {key: value for plan in plans for key, value in plan.items()}
    for key in ("steps", "diagnostics"):
        merged[key] = [one for plan in plans for one in plan.get(key) or []]
    summary: Counter[str] = Counter()
    for plan in plans:
        summary.update(plan.get("changeSummary") or {})
    merged["changeSummary"] = dict(summary)
    merged["maybeCorrupt"] = any(plan.get("maybeCorrupt") for plan in plans)
    return json.dumps(merged)


def _plan(stack: str, text: str) -> dict[str, Any]:
    try:
        plan = json.loads(text)
    except (ValueError, RecursionError):
        plan = None
    if not isinstance(plan, dict) or not plan.get("steps"):
        begin = escaped(" ".join(text.split()), 100) or "nothing"
        raise ConduitError(f"stack {escaped(stack, 80)}: `pulumi preview --json` printed no plan, but: {begin}")
    return plan


_OWN = {"plan", "profile", "stack", "folder", "as_json"}
"""Options that `stacks` defines itself."""

REPORT_OPTIONS = tuple(
    one for one in command.command.params if isinstance(one, click.Option) and one.name not in _OWN and not one.is_eager
)
"""The options of `report`."""


def refuse_without_report(ctx: click.Context) -> None:
    """Refuse options of a report without `--report`: the limit would have no effect."""
    given = [one for one in REPORT_OPTIONS if _is_given(ctx, str(one.name))]
    if given and not ctx.params["report"]:
        names = ", ".join(one.opts[0] for one in given)
        raise click.UsageError(f"{names}: for a report only; add --report")


def print_combined_report(chosen: Chosen, stack: str | None, outcomes: Sequence[Outcome]) -> None:
    """Print the report of all previews; `stack` is one whose config may have the settings that --ask-names needs."""
    options: Mapping[str, Any] = chosen.of_report
    plan = merged_plan({one.stack: one.printed for one in outcomes})
    in_environ = Connection(chosen.profile, None, chosen.folder)
    exists = in_environ.settings.has_conductor(chosen.profile)
    connection = in_environ if exists else Connection(chosen.profile, stack, chosen.folder)
    command.print_report(plan, connection, as_json=chosen.as_json, is_whole=True, **options)


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) not in (None, click.core.ParameterSource.DEFAULT)
