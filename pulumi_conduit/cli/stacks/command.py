"""`pulumi-conduit stacks`: the command line: one operation on all stacks of a split roster, and one summary.

Handles options and output; `runner` and `project` run the operations.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import Connection
from pulumi_conduit.cli.exit_codes import FAILED, FOUND, FailedError
from pulumi_conduit.cli.pulumi_project import find_project
from pulumi_conduit.cli.stacks.progress import print_summary
from pulumi_conduit.cli.stacks.report import REPORT_OPTIONS, print_combined_report, refuse_without_report
from pulumi_conduit.cli.stacks.require_cli import find_command, mapped_cli_errors
from pulumi_conduit.cli.terminal import QUIET, QUIET_HELP
from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pulumi_conduit.cli.stacks.parts import Split, StackPart
    from pulumi_conduit.cli.stacks.project import Project
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible
    from pulumi_conduit.cli.stacks.runner import Outcome
    from pulumi_conduit.roster import Shard

__all__ = ["Chosen", "command", "command_of"]


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
    is_quiet: bool = False
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
    click.Option([*QUIET], is_flag=True, help=QUIET_HELP),
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


_STOPPING = (signal.SIGINT, signal.SIGTERM)


_EPILOG = """\b
Examples:
  pulumi-conduit stacks up --stack-prefix prod- --shards 20    make or update prod-0 to prod-19
  pulumi-conduit stacks preview --stack-prefix prod-           what `up` would do in all of them
"""


@click.group("stacks", epilog=_EPILOG)
def command() -> None:
    """Run one operation on all stacks of a split roster, a few at a time, and print a summary.

    The stacks are named PREFIX0, PREFIX1 and so on. The config of each (`conduit:shard`) names its shard of the roster;
    the program is the same for all. `up` creates a missing stack, and `preview` creates one temporarily.
    """


@dataclass(frozen=True)
class _StackSet:
    """The stacks of an operation, in phases."""

    project: Project
    command: Interruptible
    split: str
    phases: Sequence[Sequence[StackPart]]

    @property
    def first(self) -> str | None:
        """Return the name of an existing stack."""
        return next((part.stack for phase in self.phases for part in phase if part.exists), None)


def _run(operation: str, chosen: Chosen) -> None:
    chosen = replace(chosen, folder=_project_folder(chosen.folder))
    with TemporaryDirectory() as preview_configs:
        stack_set = _find_stacks(operation, chosen, Path(preview_configs))
        _confirm(operation, chosen, stack_set)
        _log_in_once(operation, chosen, stack_set)
        begun = time.monotonic()
        outcomes = _outcomes(operation, chosen, stack_set)
    print_summary(operation, chosen, stack_set.split, outcomes, time.monotonic() - begun)
    if not all(one.is_fine for one in outcomes):
        raise SystemExit(FAILED)
    if chosen.report:
        print_combined_report(chosen, stack_set.first, outcomes)
    if chosen.expect_no_changes and any(one.has_changes for one in outcomes):
        raise SystemExit(FOUND)


def _project_folder(folder: Path) -> Path:
    """Return the folder of the project, from here or above, which has the config of its stacks."""
    project = find_project(folder)
    if project is None:
        raise FailedError(
            f"there is no Pulumi.yaml in {escaped(str(folder), 200)} or above; name its folder with --cwd"
        )
    return project.parent


def _find_stacks(operation: str, chosen: Chosen, preview_configs: Path) -> _StackSet:
    """Find the stacks and the shard of each; write nothing before the confirmation."""
    from pulumi_conduit.cli.stacks.parts import Split, chosen_parts, configured_split, phases  # noqa: PLC0415 - see `find_command`
    from pulumi_conduit.cli.stacks.project import Project  # noqa: PLC0415 - likewise
    from pulumi_conduit.cli.stacks.report import PLAN_OPTIONS  # noqa: PLC0415 - likewise

    cli = find_command()
    options = PLAN_OPTIONS if chosen.report else ()
    with mapped_cli_errors():
        project = Project(
            chosen.folder, cli, chosen.secrets_provider, preview_configs=preview_configs, preview_options=options
        )
        there = project.stacks(chosen.prefix)
        configured = project.configured(there)
        split = Split(chosen.shards, chosen.label) if chosen.shards else configured_split(configured, chosen.prefix)
        known = _recorded(project, _to_ask(operation, chosen, split, there, configured), chosen.at_once)
        parts = chosen_parts(chosen.prefix, split, there, configured, reshard=chosen.reshard, recorded=known)
        if operation in {"refresh", "destroy"}:
            parts = [part for part in parts if part.exists]
    return _StackSet(project, cli, str(split), phases(parts))


def _to_ask(
    operation: str, chosen: Chosen, split: Split, there: Sequence[str], configured: Mapping[str, Shard]
) -> Sequence[str]:
    """Return the stacks whose state is asked for its split: all in a change, else those that would be forgotten."""
    from pulumi_conduit.cli.stacks.parts import left_over_without_config  # noqa: PLC0415 - see `find_command`

    if chosen.reshard:
        return there
    is_update = operation in {"preview", "up"}
    return left_over_without_config(chosen.prefix, split, there, configured) if is_update else []


def _recorded(project: Project, stacks: Sequence[str], count: int) -> dict[str, str]:
    """Return the split in the state of each stack that has one."""
    from pulumi_conduit.cli.stacks.runner import at_once  # noqa: PLC0415 - see `find_command`

    found: dict[str, str] = {}

    def look(stack: str) -> None:
        if split := project.recorded(stack):
            found[stack] = split

    at_once(count, stacks, look)
    return found


def _confirm(operation: str, chosen: Chosen, stack_set: _StackSet) -> None:
    if operation == "preview" or chosen.yes:
        return
    count = sum(map(len, stack_set.phases))
    warning = " All people in them are deactivated." if operation == "destroy" else ""
    if chosen.as_json or not sys.stdin.isatty():
        raise click.UsageError(f"{operation} of {count} stacks: without a terminal, pass --yes.{warning}")
    click.confirm(f"{operation} of {count} stacks?{warning}", abort=True)


def _log_in_once(operation: str, chosen: Chosen, stack_set: _StackSet) -> None:
    """Log in once: a wrong password, sent by every stack, would lock the account."""
    first = stack_set.first
    settings = Connection(chosen.profile, None, chosen.folder).settings
    in_environ = settings.has_conductor(chosen.profile)
    connection = Connection(chosen.profile, None if in_environ else first, chosen.folder)
    is_offline = connection.settings.preview(chosen.profile) == "offline"
    has_none = not connection.settings.has_conductor(chosen.profile)
    if operation == "preview" and (is_offline or has_none):
        return
    connection.conductor().client.list_accounts()


def _outcomes(operation: str, chosen: Chosen, stack_set: _StackSet) -> list[Outcome]:
    from pulumi_conduit.cli.stacks.fingerprint import fingerprint  # noqa: PLC0415 - see `find_command`
    from pulumi_conduit.cli.stacks.progress import watch_progress  # noqa: PLC0415 - rich is an extra, and slow to load
    from pulumi_conduit.cli.stacks.runner import Job, run_all  # noqa: PLC0415 - likewise

    tag = fingerprint(chosen.folder, operation, stack_set.split, os.environ)
    job = Job(operation, tag, chosen.at_once, resume=chosen.resume, unlock=chosen.unlock)
    parts = [part for phase in stack_set.phases for part in phase]
    with (
        mapped_cli_errors(),
        _configured(operation, stack_set, parts, chosen.at_once),
        _interrupt_gracefully(stack_set.command),
        watch_progress(operation, [part.stack for part in parts], is_quiet=chosen.is_quiet) as watcher,
    ):
        return run_all(stack_set.project, stack_set.command, stack_set.phases, job, watcher)


@contextmanager
def _configured(operation: str, stack_set: _StackSet, parts: Sequence[StackPart], count: int) -> Iterator[None]:
    """Set the shard of every stack: in its config, or for a preview in a copy; then remove the stacks it created."""
    from pulumi_conduit.cli.stacks.runner import at_once  # noqa: PLC0415 - see `find_command`

    project = stack_set.project
    if operation != "preview":
        at_once(count, parts, project.prepare)
        yield
        return
    try:
        at_once(count, parts, project.configure_preview)
        yield
    finally:
        stack_set.command.resume()
        at_once(count, parts, project.remove_created)


@contextmanager
def _interrupt_gracefully(command: Interruptible) -> Iterator[None]:
    """On an interrupt, start no further stack, and interrupt the running CLIs."""
    before = {number: signal.signal(number, lambda *_: command.interrupt()) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


for _name, _about in {
    "preview": "Show what `up` would do in all stacks.",
    "up": "Update all stacks.",
    "refresh": "Refresh all stacks from the APIs.",
    "destroy": "Destroy all stacks' resources: all people in them are deactivated.",
}.items():
    command.add_command(command_of(_name, _about, _run))
