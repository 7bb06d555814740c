"""Runs one operation on all stacks of a roster, a few at a time, adopting stacks first, and sums up the outcomes.

The events of each stack are collected into its outcome. An interrupt starts no further stack; the running ones end
gracefully. A stack that fails stops no others of its phase, but no phase starts after one that failed.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pulumi.automation import CommandError

from pulumi_conduit.cli.stacks.pulumi_cli import CLI_ERRORS, NO_OUTPUT, InterruptedRunError, error_lines
from pulumi_conduit.errors import escaped
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pulumi.automation import EngineEvent, Stack

    from pulumi_conduit.cli.stacks.parts import StackPart
    from pulumi_conduit.cli.stacks.project import Project
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = [
    "MESSAGE",
    "OPERATIONS",
    "Ending",
    "Job",
    "Outcome",
    "Watcher",
    "at_once",
    "moves",
    "run",
    "run_all",
    "summary",
    "unlock",
    "was_done",
]


_UNCHANGED = ("same", "read", "refresh")


class Ending(str, Enum):
    """How a stack's operation ended."""

    DONE = "done"
    BEFORE = "done before"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not started"


@dataclass
class Outcome:
    """The outcome of one stack."""

    stack: str
    shard: str
    ending: Ending = Ending.NOT_STARTED
    seconds: float = 0.0
    changes: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    printed: str = ""
    """The standard output of the CLI; the plan, in a preview with `--report`."""

    @property
    def is_fine(self) -> bool:
        """Return whether nothing is left to do."""
        return self.ending in (Ending.DONE, Ending.BEFORE)

    @property
    def has_changes(self) -> bool:
        """Return whether anything was, or would be, changed."""
        return any(count for name, count in self.changes.items() if name not in _UNCHANGED)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "stack": self.stack,
            "shard": self.shard,
            "ending": self.ending.value,
            "seconds": round(self.seconds, 1),
            "changes": dict(sorted(self.changes.items())),
            "warnings": self.warnings,
            "errors": self.errors,
        }


def moves(outcomes: Iterable[Outcome]) -> set[str]:
    """Return the resources that one stack deletes and another one creates."""
    found = list(outcomes)
    return set().union(*(one.created for one in found)) & set().union(*(one.deleted for one in found))


def summary(operation: str, split: str, outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Return the summary as JSON data."""
    changes: Counter[str] = Counter()
    for one in outcomes:
        changes.update(one.changes)
    return {
        "operation": operation,
        "split": split,
        "seconds": round(seconds, 1),
        "endings": dict(Counter(one.ending.value for one in outcomes)),
        "changes": dict(sorted(changes.items())),
        "moves": len(moves(outcomes)),
        "stacks": [one.to_json() for one in outcomes],
    }


OPERATIONS = ("preview", "up", "refresh", "destroy")
MESSAGE = "pulumi-conduit stacks "
_OURS = "pulumi-python:dynamic/conduit:"
_LONGEST = 2000  # a message may name a URN and a path
_KEPT = 200


def run(stack: Stack, operation: str, outcome: Outcome, tag: str, on_step: Callable[[], Any]) -> None:
    """Run an operation, and record the outcome; errors of the CLI are recorded, not raised."""
    begun = time.monotonic()
    options: dict[str, Any] = {} if operation == "preview" else {"show_secrets": False}
    try:
        result = getattr(stack, operation)(
            message=f"{MESSAGE}{tag}",
            on_event=lambda event: _update(event, outcome, on_step),
            suppress_progress=True,
            suppress_outputs=True,
            color="never",
            **options,
        )
        outcome.ending, outcome.printed = Ending.DONE, result.stdout
    except InterruptedRunError:
        outcome.ending = Ending.NOT_STARTED
    except CLI_ERRORS as error:
        outcome.ending = Ending.FAILED
        outcome.errors = outcome.errors or error_lines(error)
    finally:
        outcome.seconds = time.monotonic() - begun


def was_done(stack: Stack, operation: str, tag: str) -> bool:
    """Return whether the last operation on a stack is this one, and succeeded."""
    last = stack.history(page_size=1, page=1, show_secrets=False)
    kind = {"up": "update"}.get(operation, operation)
    return bool(last) and (last[0].kind, last[0].result, last[0].message) == (kind, "succeeded", f"{MESSAGE}{tag}")


def unlock(stack: Stack, outcome: Outcome) -> None:
    """Remove the lock that a killed run left, if any."""
    try:
        stack.cancel()
    except InterruptedRunError:
        return
    except CommandError as error:
        if "not locked" not in str(error) and "no stack" not in str(error):
            outcome.ending, outcome.errors = Ending.FAILED, error_lines(error)


def _update(event: EngineEvent, outcome: Outcome, on_step: Callable[[], Any]) -> None:
    if event.resource_pre_event:
        _record_step(event.resource_pre_event.metadata, outcome)
    elif event.res_outputs_event:
        on_step()
    elif event.diagnostic_event:
        _record_message(event.diagnostic_event, outcome)
    elif event.summary_event:
        outcome.changes.update({str(name): count for name, count in event.summary_event.resource_changes.items()})


def _record_step(step: Any, outcome: Outcome) -> None:
    urn = parse_urn(step.urn)
    if not urn.type.startswith(_OURS):
        return
    kind_and_name = f"{urn.type}::{urn.name}"
    if step.op == "create":
        outcome.created.add(kind_and_name)
    elif step.op == "delete":
        outcome.deleted.add(kind_and_name)


def _record_message(message: Any, outcome: Outcome) -> None:
    kept = {"error": outcome.errors, "warning": outcome.warnings}.get(message.severity)
    if kept is None or len(kept) >= _KEPT:
        return
    text = escaped(" ".join(message.message.split()), _LONGEST)
    if text and text not in kept:
        kept.append(text)


T = TypeVar("T")


class Watcher(Protocol):
    """Receives progress; called from several threads."""

    def begun(self, stack: str) -> None:
        """Record that a stack's operation starts."""

    def step(self, stack: str) -> None:
        """Record that one of its resources is done."""

    def ended(self, outcome: Outcome) -> None:
        """Record its outcome."""


@dataclass(frozen=True)
class Job:
    """The operation on every stack."""

    operation: str
    tag: str
    at_once: int
    resume: bool = False
    unlock: bool = False


def run_all(
    project: Project, command: Interruptible, phases: Sequence[Sequence[StackPart]], job: Job, watcher: Watcher
) -> list[Outcome]:
    """Return the outcome of each stack, in the order of the parts."""
    outcomes: list[Outcome] = []
    for phase in phases:
        made = [Outcome(part.stack, f"{part.shard.index}/{part.shard.split}") for part in phase]
        may_begin = all(one.is_fine for one in outcomes)
        outcomes += made
        if may_begin and not command.is_interrupted():
            at_once(job.at_once, made, lambda outcome: _run_one(project, command, outcome, job, watcher))
    return outcomes


def at_once(count: int, things: Sequence[T], do: Callable[[T], None]) -> None:
    """Call `do` for each, `count` at a time; raise the first error when all have ended."""
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(do, things))


def _run_one(project: Project, command: Interruptible, outcome: Outcome, job: Job, watcher: Watcher) -> None:
    if command.is_interrupted():
        return
    watcher.begun(outcome.stack)
    try:
        _operate(project, outcome, job, watcher)
    except InterruptedRunError:
        outcome.ending = Ending.NOT_STARTED
    except CLI_ERRORS as error:
        outcome.ending, outcome.errors = Ending.FAILED, error_lines(error)
    if command.is_interrupted() and outcome.ending is Ending.FAILED:
        outcome.ending = Ending.INTERRUPTED
        outcome.errors = [one for one in outcome.errors if one != NO_OUTPUT]  # a CLI that was starting prints none
    watcher.ended(outcome)


def _operate(project: Project, outcome: Outcome, job: Job, watcher: Watcher) -> None:
    stack = project.stack(outcome.stack)
    if job.unlock:
        unlock(stack, outcome)
    if job.resume and not outcome.errors and was_done(stack, job.operation, job.tag):
        outcome.ending = Ending.BEFORE
    elif not outcome.errors:
        run(stack, job.operation, outcome, job.tag, lambda: watcher.step(outcome.stack))
