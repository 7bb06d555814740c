"""Runs all stacks of a roster, a few at a time, adopting stacks first.

An interrupt starts no further stack; the running ones end gracefully. A stack that fails stops no others of its phase,
but no phase starts after one that failed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.cli.stacks import operation as one_operation
from pulumi_conduit.cli.stacks.operation import Ending, Outcome
from pulumi_conduit.cli.stacks.pulumi_cli import CLI_ERRORS, InterruptedRunError, error_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_conduit.cli.stacks.parts import StackPart
    from pulumi_conduit.cli.stacks.project import Project
    from pulumi_conduit.cli.stacks.pulumi_cli import Interruptible

__all__ = ["Job", "Watcher", "at_once", "run_all"]

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
    watcher.ended(outcome)


def _operate(project: Project, outcome: Outcome, job: Job, watcher: Watcher) -> None:
    stack = project.stack(outcome.stack)
    if job.unlock:
        one_operation.unlock(stack, outcome)
    if job.resume and not outcome.errors and one_operation.was_done(stack, job.operation, job.tag):
        outcome.ending = Ending.BEFORE
    elif not outcome.errors:
        one_operation.run(stack, job.operation, outcome, job.tag, lambda: watcher.step(outcome.stack))
