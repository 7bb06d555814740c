"""The embedded engine as the matrix drives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pair_cell import SECOND, Ran

from pulumi_conduit.testing.engine import run

if TYPE_CHECKING:
    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher

__all__ = ["PROGRAM", "Embedded", "environ", "furnish"]

PROGRAM = Path(__file__).parent / "pair_program"


def furnish(sandbox: Sandbox) -> None:
    """Put the sandbox back to its start, with a second identity that owns the same accounts."""
    sandbox.reset()
    sandbox.conductor.add_identity(SECOND, "second-password", range(1, 11))


def environ(sandbox: Sandbox, file: Path) -> dict[str, str]:
    """Return the settings of all profiles, and where the program's data are."""
    profiles = {**sandbox.environ(profile="b"), **sandbox.environ(identity=SECOND, profile="c")}
    return {**sandbox.environ(), **profiles, "PAIRS_PROGRAM": str(file)}


@dataclass
class Embedded:
    """One stack on the embedded engine."""

    sandbox: Sandbox
    launcher: Launcher
    folder: Path

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / "state.json"

    @property
    def file(self) -> Path:
        """The program's data."""
        return self.folder / "program.json"

    def run(self, operation: str, **options: Any) -> Ran:
        """Run an operation."""
        settings = environ(self.sandbox, self.file)
        result = run(operation, program=PROGRAM, state=self.state, environ=settings, launcher=self.launcher, **options)
        warnings = [one.message for one in result.diagnostics if one.severity == "warning"]
        plan = sorted((step.op, step.urn) for step in result.steps)
        return Ran(result.succeeded, result.errors, warnings, plan)

    def resources(self) -> list[dict[str, Any]]:
        """Return what the state records."""
        found: list[dict[str, Any]] = json.loads(self.state.read_text(encoding="utf-8"))["deployment"]["resources"]
        return found

    def keep(self) -> str:
        """Return the state as text."""
        return self.state.read_text(encoding="utf-8")

    def restore(self, kept: str) -> None:
        """Put a state back."""
        self.state.write_text(kept, encoding="utf-8")

    def forget(self) -> None:
        """Empty the state."""
        self.state.unlink()
