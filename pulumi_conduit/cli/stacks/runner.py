"""All stacks of a roster, a few at a time, in an order in which nobody is let go before somebody else has them.

An interrupt begins no stack more and lets the running ones end in order. A stack that fails keeps none of its phase
from going on: each is a part of its own. But no phase begins after one that did not succeed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.cli.stacks import operation as one_operation
from pulumi_conduit.cli.stacks.outcome import Ending, Outcome
from pulumi_conduit.cli.stacks.pulumi_cli import COMPLAINTS, InterruptedRunError, complaints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_conduit.cli.stacks.parts import StackPart
    from pulumi_conduit.cli.stacks.project import Project
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = ["Job", "Watcher", "at_once", "run_all"]

T = TypeVar("T")


class Watcher(Protocol):
    """Who is told how far things are; called from several threads."""

    def begun(self, stack: str) -> None:
        """Hear that a stack's operation begins."""

    def step(self, stack: str) -> None:
        """Hear that one of its resources is done."""

    def ended(self, outcome: Outcome) -> None:
        """Hear how it ended."""


@dataclass(frozen=True)
class Job:
    """What is to be done to every stack."""

    operation: str
    tag: str
    at_once: int
    resume: bool = False
    unlock: bool = False


def run_all(
    project: Project, command: Interruptible, phases: Sequence[Sequence[StackPart]], job: Job, watcher: Watcher
) -> list[Outcome]:
    """Return what came of each stack, in the order of the parts."""
    outcomes: list[Outcome] = []
    for phase in phases:
        made = [Outcome(part.stack, f"{part.shard.index}/{part.shard.split}") for part in phase]
        may_begin = all(one.is_fine for one in outcomes)
        outcomes += made
        if may_begin and not command.is_interrupted():
            at_once(job.at_once, made, lambda outcome: _run_one(project, command, outcome, job, watcher))
    return outcomes


def at_once(count: int, things: Sequence[T], do: Callable[[T], None]) -> None:
    """Do something to each, so many at a time; the first error is raised when all have ended."""
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
    except COMPLAINTS as error:
        outcome.ending, outcome.errors = Ending.FAILED, complaints(error)
    if command.is_interrupted() and outcome.ending is Ending.FAILED:
        outcome.ending = Ending.INTERRUPTED
    watcher.ended(outcome)


def _operate(project: Project, outcome: Outcome, job: Job, watcher: Watcher) -> None:
    stack = project.stack(outcome.stack)
    if job.unlock:
        one_operation.unlock(stack, outcome)
    if job.resume and not outcome.errors and one_operation.was_done(stack, job.operation, job.tag):
        outcome.ending = Ending.BEFORE
    elif not outcome.errors:
        one_operation.run(stack, job.operation, outcome, job.tag, lambda: watcher.step(outcome.stack))
