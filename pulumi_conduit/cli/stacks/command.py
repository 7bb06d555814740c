"""`pulumi-conduit stacks`: one operation over all stacks of a roster that is split, and one summary.

Knows what is asked for and how it is shown; `pulumi_conduit.fleet` knows how it is done.
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
from pulumi_conduit.cli.stacks.progress import tell
from pulumi_conduit.cli.stacks.report import tell as report_all
from pulumi_conduit.cli.stacks.require_cli import failing_as_commands_do, find_command
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
    """Run all stacks of a roster that is split, a few at a time, and say at the end what came of them.

    The stacks are called PREFIX0, PREFIX1 and so on. Which part of the roster each has stands in its config
    (`conduit:shard`); the program is the same for all. A stack that is not there is made by `up`, and by `preview`
    for as long as that takes.
    """


@dataclass(frozen=True)
class _Fleet:
    """The stacks that an operation is about, ready to run."""

    project: Project
    command: Interruptible
    split: str
    phases: Sequence[Sequence[StackPart]]

    @property
    def first(self) -> str | None:
        """Return the name of a stack that is there."""
        return next((part.stack for phase in self.phases for part in phase if part.is_there), None)


def _run(operation: str, chosen: Chosen) -> None:
    chosen = replace(chosen, folder=_project_folder(chosen.folder))
    with TemporaryDirectory() as rehearsals:
        fleet = _fleet(operation, chosen, Path(rehearsals))
        _confirm(operation, chosen, fleet)
        _log_in_once(operation, chosen, fleet)
        begun = time.monotonic()
        outcomes = _outcomes(operation, chosen, fleet)
    tell(operation, chosen, fleet.split, outcomes, time.monotonic() - begun)
    if not all(one.is_fine for one in outcomes):
        raise SystemExit(_FAILED)
    if chosen.report:
        report_all(chosen, fleet.first, outcomes)
    if chosen.expect_no_changes and any(one.has_changes for one in outcomes):
        raise SystemExit(FOUND)


def _project_folder(folder: Path) -> Path:
    """Return the folder of the project, from here or from above: there lies the config of its stacks."""
    project = find_project(folder)
    if project is None:
        raise FailedError(
            f"there is no Pulumi.yaml in {escaped(str(folder), 200)} or above; name its folder with --cwd"
        )
    return project.parent


def _fleet(operation: str, chosen: Chosen, rehearsals: Path) -> _Fleet:
    """Find the stacks and the part that each is to have; nothing is written before somebody has said yes."""
    from pulumi_conduit.cli.stacks.parts import Split, chosen_parts, found_split, phases  # noqa: PLC0415 - see `find_command`
    from pulumi_conduit.cli.stacks.project import Project  # noqa: PLC0415 - likewise
    from pulumi_conduit.cli.stacks.report import PLAN_OPTIONS  # noqa: PLC0415 - likewise

    cli = find_command()
    options = PLAN_OPTIONS if chosen.report else ()
    with failing_as_commands_do():
        project = Project(chosen.folder, cli, chosen.secrets_provider, rehearsals=rehearsals, preview_options=options)
        there = project.stacks(chosen.prefix)
        configured = project.configured(there)
        split = Split(chosen.shards, chosen.label) if chosen.shards else found_split(configured, chosen.prefix)
        recorded = _recorded(project, there, chosen.at_once) if chosen.reshard else {}
        parts = chosen_parts(chosen.prefix, split, there, configured, reshard=chosen.reshard, recorded=recorded)
        if operation in {"refresh", "destroy"}:
            parts = [part for part in parts if part.is_there]
    return _Fleet(project, cli, str(split), phases(parts))


def _recorded(project: Project, stacks: Sequence[str], count: int) -> dict[str, str]:
    """Return the split that the state of each stack has, for those that have one."""
    from pulumi_conduit.cli.stacks.runner import at_once  # noqa: PLC0415 - see `find_command`

    found: dict[str, str] = {}

    def look(stack: str) -> None:
        if split := project.recorded(stack):
            found[stack] = split

    at_once(count, stacks, look)
    return found


def _confirm(operation: str, chosen: Chosen, fleet: _Fleet) -> None:
    if operation == "preview" or chosen.yes:
        return
    count = sum(map(len, fleet.phases))
    warning = " Everybody in them is deactivated." if operation == "destroy" else ""
    if chosen.as_json or not sys.stdin.isatty():
        raise click.UsageError(f"{operation} of {count} stacks: without a terminal, say --yes.{warning}")
    click.confirm(f"{operation} of {count} stacks?{warning}", abort=True)


def _log_in_once(operation: str, chosen: Chosen, fleet: _Fleet) -> None:
    """Try the credentials once, here: a wrong password, tried by every stack, would lock the account."""
    first = fleet.first
    settings = Connection(chosen.profile, None, chosen.folder).settings
    in_environ = settings.has_conductor(chosen.profile)
    connection = Connection(chosen.profile, None if in_environ else first, chosen.folder)
    is_offline = connection.settings.preview(chosen.profile) == "offline"
    has_none = not connection.settings.has_conductor(chosen.profile)
    if operation == "preview" and (is_offline or has_none):
        return
    connection.conductor().client.list_accounts()


def _outcomes(operation: str, chosen: Chosen, fleet: _Fleet) -> list[Outcome]:
    from pulumi_conduit.cli.stacks.fingerprint import fingerprint  # noqa: PLC0415 - see `find_command`
    from pulumi_conduit.cli.stacks.progress import shown  # noqa: PLC0415 - rich is an extra, and slow to load
    from pulumi_conduit.cli.stacks.runner import Job, run_all  # noqa: PLC0415 - likewise

    tag = fingerprint(chosen.folder, operation, fleet.split, os.environ)
    job = Job(operation, tag, chosen.at_once, resume=chosen.resume, unlock=chosen.unlock)
    parts = [part for phase in fleet.phases for part in phase]
    with (
        failing_as_commands_do(),
        _ready(operation, fleet, parts, chosen.at_once),
        _ending_in_order(fleet.command),
        shown(operation, [part.stack for part in parts]) as watcher,
    ):
        return run_all(fleet.project, fleet.command, fleet.phases, job, watcher)


@contextmanager
def _ready(operation: str, fleet: _Fleet, parts: Sequence[StackPart], count: int) -> Iterator[None]:
    """Give every stack its part: in its config, or for a preview beside it, where a stack that it makes goes again."""
    from pulumi_conduit.cli.stacks.runner import at_once  # noqa: PLC0415 - see `find_command`

    project = fleet.project
    if operation != "preview":
        at_once(count, parts, project.prepare)
        yield
        return
    try:
        at_once(count, parts, project.rehearse)
        yield
    finally:
        fleet.command.go_on()
        at_once(count, parts, project.forget)


@contextmanager
def _ending_in_order(command: Interruptible) -> Iterator[None]:
    """Let an interrupt begin nothing more, and end what runs as a CLI of its own would end."""
    before = {number: signal.signal(number, lambda *_: command.interrupt()) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


for _name, _about in {
    "preview": "Show what `up` would do in all stacks.",
    "up": "Bring all stacks up.",
    "refresh": "Look at what lives, in all stacks.",
    "destroy": "Destroy all stacks' resources: everybody in them is deactivated.",
}.items():
    command.add_command(command_of(_name, _about, _run))
