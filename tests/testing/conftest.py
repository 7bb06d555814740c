"""What the engine's tests share: a folder for a program, and a way to run it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_conduit.testing.engine import Launcher, Result, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass
class Runner:
    """A program in a folder, its state, and what its processes get."""

    folder: Path
    launcher: Launcher
    environ: Mapping[str, str]

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / "state.json"

    def program(self, text: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(text), encoding="utf-8")

    def __call__(self, operation: str, **options: Any) -> Result:
        """Run an operation."""
        given = {"environ": self.environ, **options}
        return run(operation, program=self.folder, state=self.state, launcher=self.launcher, **given)


@pytest.fixture
def runner(tmp_path, conduit_launcher):
    """Give a project with an empty program."""
    (tmp_path / "Pulumi.yaml").write_text("name: testing\nruntime: python\n", encoding="utf-8")
    made = Runner(tmp_path, conduit_launcher, {})
    made.program("")
    return made
