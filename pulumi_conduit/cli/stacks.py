"""`pulumi-conduit stacks`: one operation over all stacks of a roster that is split, and one summary.

Knows what is asked for and how it is shown; `pulumi_conduit.fleet` knows how it is done.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.cli.connection import Connection
from pulumi_conduit.cli.ending import FOUND, FailedError, one_line
from pulumi_conduit.cli.stacks_options import Chosen, command_of
from pulumi_conduit.errors import InvalidDeclaration
from pulumi_conduit.resources.facts import MOVED, TAKEOVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.fleet.command import Interruptible
    from pulumi_conduit.fleet.outcome import Outcome
    from pulumi_conduit.fleet.parts import Part
    from pulumi_conduit.fleet.project import Project

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
    (`conduit:shard`); the program is the same for all. A stack that is not there is made by `up` and `preview`.
    """


@dataclass(frozen=True)
class _Fleet:
    """The stacks that an operation is about, ready to run."""

    project: Project
    command: Interruptible
    split: str
    phases: Sequence[Sequence[Part]]


def _run(operation: str, chosen: Chosen) -> None:
    fleet = _fleet(operation, chosen)
    _confirm(operation, chosen, fleet)
    _log_in_once(operation, chosen, fleet)
    begun = time.monotonic()
    outcomes = _outcomes(operation, chosen, fleet)
    _tell(operation, chosen, fleet.split, outcomes, time.monotonic() - begun)
    if not all(one.is_fine for one in outcomes):
        raise SystemExit(_FAILED)
    if chosen.expect_no_changes and any(one.has_changes for one in outcomes):
        raise SystemExit(FOUND)


def _fleet(operation: str, chosen: Chosen) -> _Fleet:
    """Find the stacks and the part that each is to have; nothing is written before somebody has said yes."""
    from pulumi_conduit.fleet.parts import Split, chosen_parts, found_split, phases  # noqa: PLC0415 - see `_command`
    from pulumi_conduit.fleet.project import Project  # noqa: PLC0415 - likewise

    cli = _command()
    with _failing_as_commands_do():
        project = Project(chosen.folder, cli, chosen.secrets_provider)
        there = project.stacks(chosen.prefix)
        configured = project.configured(there)
        split = Split(chosen.shards, chosen.label) if chosen.shards else found_split(configured, chosen.prefix)
        parts = chosen_parts(chosen.prefix, split, there, configured, reshard=chosen.reshard)
        if operation in {"refresh", "destroy"}:
            parts = [part for part in parts if part.is_there]
    return _Fleet(project, cli, str(split), phases(parts))


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
    first = next((part.stack for phase in fleet.phases for part in phase if part.is_there), None)
    settings = Connection(chosen.profile, None, chosen.folder).settings
    in_environ = settings.has_conductor(chosen.profile)
    connection = Connection(chosen.profile, None if in_environ else first, chosen.folder)
    is_offline = connection.settings.preview(chosen.profile) == "offline"
    has_none = not connection.settings.has_conductor(chosen.profile)
    if operation == "preview" and (is_offline or has_none):
        return
    connection.conductor().client.list_accounts()


def _outcomes(operation: str, chosen: Chosen, fleet: _Fleet) -> list[Outcome]:
    from pulumi_conduit.cli.stacks_progress import shown  # noqa: PLC0415 - rich is an extra, and slow to load
    from pulumi_conduit.fleet.fingerprint import fingerprint  # noqa: PLC0415 - see `_command`
    from pulumi_conduit.fleet.side_by_side import Job, at_once, run_all  # noqa: PLC0415 - likewise

    tag = fingerprint(chosen.folder, operation, fleet.split, os.environ)
    job = Job(operation, tag, chosen.at_once, resume=chosen.resume, unlock=chosen.unlock)
    parts = [part for phase in fleet.phases for part in phase]
    try:
        with _failing_as_commands_do():
            at_once(chosen.at_once, parts, fleet.project.prepare)
        with _ending_in_order(fleet.command), shown(operation, [part.stack for part in parts]) as watcher:
            return run_all(fleet.project, fleet.command, fleet.phases, job, watcher)
    finally:
        if operation == "preview":  # whatever became of it: what it wrote would be the consent to another split
            fleet.command.go_on()
            at_once(chosen.at_once, parts, fleet.project.restore)


@contextmanager
def _ending_in_order(command: Interruptible) -> Iterator[None]:
    """Let an interrupt begin nothing more, and end what runs as a CLI of its own would end."""
    before = {number: signal.signal(number, lambda *_: command.interrupt()) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(operation: str, chosen: Chosen, split: str, outcomes: Sequence[Outcome], seconds: float) -> None:
    from pulumi_conduit.fleet.outcome import summary  # noqa: PLC0415 - see `_command`

    found = summary(operation, split, outcomes, seconds)
    if chosen.as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for line in _lines(found, outcomes):
        click.echo(line)


def _lines(found: dict[str, Any], outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        for kind, texts in (("error", one.errors), ("warning", _worth_telling(one.warnings))):
            yield from (f"{one.stack}: {kind}: {text}" for text in texts)
    endings = ", ".join(f"{count} {ending}" for ending, count in found["endings"].items())
    yield f"{found['operation']} of {len(outcomes)} stacks in {found['seconds']:.0f} s: {endings}"
    changes = ", ".join(f"{count} {change}" for change, count in found["changes"].items())
    moved = f"; {found['moves']} of them only move between stacks" if found["moves"] else ""
    yield f"resources: {changes or 'none'}{moved}"
    if any(not one.is_fine for one in outcomes):
        yield "run it again when that is mended; with --resume, what is done is not done again"
    if any("currently locked" in text for one in outcomes for text in one.errors):
        yield "if nothing else is at work on the locked stacks, a killed run has left the locks: say --unlock"
    over = [one.stack for one in outcomes if one.is_fine and found["operation"] == "up" and _is_left_over(one)]
    if over:
        yield f"empty now, and may be removed (`pulumi stack rm`): {', '.join(over)}"


def _worth_telling(warnings: Sequence[str]) -> list[str]:
    """Return the warnings that are not said of everybody who only moves."""
    expected = (MOVED, TAKEOVER)
    counts = {code: sum(code in text for text in warnings) for code in expected}
    others = [text for text in warnings if not any(code in text for code in expected)]
    return others + [f"{code}: {count} of them" for code, count in counts.items() if count]


def _is_left_over(outcome: Outcome) -> bool:
    index, _, split = outcome.shard.partition("/")
    return int(index) >= int(split.split()[0])


def _command() -> Interruptible:
    """Return the CLI; what is imported for it loads Pulumi, which only this command needs."""
    from pulumi.automation import InvalidVersionError  # noqa: PLC0415 - see above

    from pulumi_conduit.fleet.command import Interruptible  # noqa: PLC0415 - likewise

    try:
        return Interruptible()
    except FileNotFoundError:
        raise FailedError("there is no `pulumi` on PATH; install the Pulumi CLI") from None
    except InvalidVersionError as error:
        raise FailedError(one_line(error)) from None


class _failing_as_commands_do:  # noqa: N801 - read as a word of the `with` statement
    """Turns what the CLI says into the end of the command."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Map what is not ours."""
        from pulumi.automation import CommandError  # noqa: PLC0415 - see `_command`

        if isinstance(error, InvalidDeclaration):
            raise click.UsageError(str(error)) from None
        if isinstance(error, CommandError | OSError | ValueError):  # ValueError: what it printed is no JSON
            raise FailedError(one_line(error)) from None


for _name, _about in {
    "preview": "Show what `up` would do in all stacks.",
    "up": "Bring all stacks up.",
    "refresh": "Look at what lives, in all stacks.",
    "destroy": "Destroy all stacks' resources: everybody in them is deactivated.",
}.items():
    command.add_command(command_of(_name, _about, _run))
