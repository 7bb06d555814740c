"""What an operation of the engine comes to: steps, diagnostics, outputs. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi_conduit.urns import parse_urn

__all__ = ["Diagnostic", "EngineError", "Result", "Step"]


class EngineError(Exception):
    """The operation cannot be done, in one line: wrong input, or something that the embedded engine does not do."""


@dataclass(frozen=True)
class Step:
    """One step of a plan, in Pulumi's words.

    `op` is create, update, replace, create-replacement, delete-replaced, delete, same, read, refresh, discard, …;
    `changes` are the paths of the inputs that differ.
    """

    op: str
    urn: str
    changes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return parse_urn(self.urn).name

    @property
    def type(self) -> str:
        """The resource's own type, without its parents'."""
        return parse_urn(self.urn).type


@dataclass(frozen=True)
class Diagnostic:
    """A message about a resource, or about the stack where `urn` is empty."""

    severity: str
    urn: str
    message: str


@dataclass
class Result:
    """What an operation did, or for a preview would do."""

    operation: str
    succeeded: bool = True
    steps: list[Step] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        """The error messages, in order."""
        return [one.message for one in self.diagnostics if one.severity == "error"]

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing changes."""
        return all(step.op in {"same", "read"} for step in self.steps)

    @property
    def summary(self) -> dict[str, int]:
        """How many resources are created, updated, replaced, deleted or left the same."""
        counts: dict[str, int] = {}
        for step in self.steps:
            if step.op not in {"create-replacement", "delete-replaced"}:
                counts[step.op] = counts.get(step.op, 0) + 1
        return counts

    def creates(self, name: str) -> bool:
        """Return whether the resource of that name, or URN, is created."""
        return self._has("create", name)

    def updates(self, name: str) -> bool:
        """Return whether the resource of that name, or URN, changes in place; for a refresh, whether it drifted."""
        return self._has("update", name)

    def replaces(self, name: str) -> bool:
        """Return whether the resource of that name, or URN, is replaced."""
        return self._has("replace", name)

    def deletes(self, name: str) -> bool:
        """Return whether the resource of that name, or URN, is deleted; for a refresh, whether it was not found."""
        return self._has("delete", name)

    def keeps(self, name: str) -> bool:
        """Return whether the resource of that name, or URN, stays as it is."""
        return self._has("same", name)

    def show(self, step: Step) -> None:
        """Add a step, unless it is about a default provider: Pulumi counts those as its own affair, too."""
        if step.type != "pulumi:providers:pulumi-python" or not step.name.startswith("default"):
            self.steps.append(step)

    def _has(self, op: str, name: str) -> bool:
        return any(step.op == op and name in {step.name, step.urn} for step in self.steps)
