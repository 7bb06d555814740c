"""One operation on one stack, with its events collected into an outcome, and the summary of all outcomes."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError

from pulumi_conduit.cli.stacks.pulumi_cli import CLI_ERRORS, InterruptedRunError, error_lines
from pulumi_conduit.errors import escaped
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pulumi.automation import EngineEvent, Stack

__all__ = ["MESSAGE", "OPERATIONS", "Ending", "Outcome", "moves", "run", "summary", "unlock", "was_done"]

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
