"""The runner of the embedded engine, in this process."""

import json
import sys
from pathlib import Path
from typing import Any

from pulumi_conduit.testing.engine import Launcher, Secret, run

from .runners import STACK, Raw, Workspace
from .scenario import Config, Hidden, Step


class EmbeddedRunner:
    """One stack of the embedded engine: a state file beside the program."""

    def __init__(self, folder: Path, launcher: "Launcher | None" = None) -> None:
        """Make an empty stack."""
        self.workspace = Workspace(folder)
        self._launcher = launcher
        self._state = folder / "state.json"

    def run(self, step: Step, config: Config) -> Raw:
        """Run one operation, and read the state it left."""
        result = run(
            step.operation,
            program=self.workspace.program,
            state=self._state,
            stack=STACK,
            config={key: _setting(value) for key, value in config.items()},
            environ=self.workspace.environ,
            continue_on_error=step.continue_on_error,
            target=step.target,
            target_dependents=step.target_dependents,
            exclude=step.exclude,
            replace=step.replace,
            launcher=self._launcher,
        )
        sys.stdout.writelines(f"{step.operation}: {error}\n" for error in result.errors)  # shown with a failure
        return Raw(result.succeeded, [(str(one.op), one.urn) for one in result.steps], self._deployment())

    def _deployment(self) -> dict[str, Any]:
        if not self._state.exists():
            return {}
        deployment: dict[str, Any] = json.loads(self._state.read_text(encoding="utf-8"))["deployment"]
        return deployment


def _setting(value: "str | Hidden") -> "str | Secret":
    return Secret(value.value) if isinstance(value, Hidden) else value
