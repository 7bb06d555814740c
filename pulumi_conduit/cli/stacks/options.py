"""The options of the operations of `pulumi-conduit stacks`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.stacks.report import REPORT_OPTIONS, refuse_without_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Chosen", "command_of"]


@dataclass(frozen=True)
class Chosen:
    """What the user asked for."""

    prefix: str
    shards: int | None
    label: str | None
    at_once: int
    folder: Path
    profile: str | None
    secrets_provider: str | None
    reshard: bool = False
    resume: bool = False
    unlock: bool = False
    expect_no_changes: bool = False
    yes: bool = False
    as_json: bool = False
    report: bool = False
    of_report: Mapping[str, Any] = field(default_factory=dict)
    """The options of the report, by name."""


_FOR_ALL = (
    click.Option(
        ["--stack-prefix", "prefix"], required=True, metavar="PREFIX", help="What the stacks' names begin with."
    ),
    click.Option(
        ["--shards"],
        type=click.IntRange(1, 999_999),
        metavar="COUNT",
        help="Into how many stacks the roster is split; by default from their config.",
    ),
    click.Option(["--label"], metavar="x_NAME", help="Split by this label instead of by email and company id."),
    click.Option(
        ["--at-once"],
        type=click.IntRange(1),
        default=lambda: 2 * (os.cpu_count() or 1),
        show_default="2 for each core",
        help="How many stacks run at a time.",
    ),
    click.Option(
        ["--cwd", "folder"],
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=Path(),
        metavar="DIR",
        help="The folder of the Pulumi project; this one by default.",
    ),
    click.Option(["--profile"], metavar="NAME", help="Test the login of this profile first."),
    click.Option(["--secrets-provider"], metavar="URL", help="For stacks that are made, as for `pulumi stack init`."),
    click.Option(
        ["--unlock"], is_flag=True, help="Remove locks that a killed run left. Only if no other run uses the stacks."
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="Print the summary as JSON; nothing else goes to stdout."),
)
_RESHARD = click.Option(["--reshard"], is_flag=True, help="Allow another split than in the stacks' config.")
_RESUME = click.Option(
    ["--resume"],
    is_flag=True,
    help="Skip stacks whose last operation is this one, with an unchanged project folder.",
)
_EXPECT = click.Option(["--expect-no-changes"], is_flag=True, help="Exit with 1 where there are changes.")
_YES = click.Option(["--yes", "-y"], is_flag=True, help="Do not ask.")
_REPORT = click.Option(
    ["--report"],
    is_flag=True,
    help="Print one report of all stacks, as `pulumi-conduit report` does of one plan, within the limits that follow."
    " The summary goes to stderr.",
)
_SOME = {
    "preview": (_RESHARD, _EXPECT, _REPORT, *REPORT_OPTIONS),
    "up": (_RESHARD, _RESUME, _EXPECT, _YES),
    "refresh": (_RESUME, _EXPECT, _YES),
    "destroy": (_RESUME, _YES),
}


def command_of(operation: str, about: str, run: Callable[[str, Chosen], None]) -> click.Command:
    """Return the command of an operation."""

    def callback(**options: Any) -> None:
        if operation == "preview":
            refuse_without_report(click.get_current_context())
        names = {str(one.name) for one in REPORT_OPTIONS}
        of_report = {name: value for name, value in options.items() if name in names}
        own = {name: value for name, value in options.items() if name not in names}
        run(operation, Chosen(**own, of_report=of_report))

    return click.Command(operation, callback=callback, params=[*_FOR_ALL, *_SOME[operation]], help=about)
