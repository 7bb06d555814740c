"""The outcome of each stack, and the summary of all, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Ending", "Outcome", "moves", "summary"]

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
