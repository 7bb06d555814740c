"""`pulumi-conduit stacks`: the command line: one operation on all stacks of a split roster, and one summary.

Handles options and output; `runner` and `project` run the operations.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli.connection import Connection
from pulumi_conduit.cli.exit_codes import FOUND, FailedError
from pulumi_conduit.cli.pulumi_project import find_project
from pulumi_conduit.cli.stacks.options import Chosen, command_of
from pulumi_conduit.cli.stacks.progress import print_summary
from pulumi_conduit.cli.stacks.report import print_combined_report
from pulumi_conduit.cli.stacks.require_cli import find_command, mapped_cli_errors
from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.cli.stacks.outcome import Outcome
    from pulumi_conduit.cli.stacks.parts import StackPart
    from pulumi_conduit.cli.stacks.project import Project
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = ["command"]

_FAILED = 3
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
        raise SystemExit(_FAILED)
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
        recorded = _recorded(project, there, chosen.at_once) if chosen.reshard else {}
        parts = chosen_parts(chosen.prefix, split, there, configured, reshard=chosen.reshard, recorded=recorded)
        if operation in {"refresh", "destroy"}:
            parts = [part for part in parts if part.exists]
    return _StackSet(project, cli, str(split), phases(parts))


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
        watch_progress(operation, [part.stack for part in parts]) as watcher,
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
