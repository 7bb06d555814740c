"""A stack on the real engine: a program in a folder, the CLI, a private backend and a sandbox."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox

_TIMEOUT_S = 240


@dataclass
class Ran:
    """What one command of the CLI did."""

    code: int
    text: str
    calls: dict[str, int]

    def lines(self, containing: str) -> list[str]:
        """Return the distinct lines of the output that contain a text, in order."""
        found = (line.strip() for line in self.text.splitlines() if containing in line)
        return list(dict.fromkeys(found))

    def writes(self) -> dict[str, int]:
        """Return the calls that could have changed something."""
        reads = ("GET ", "POST /login")
        return {route: count for route, count in self.calls.items() if not route.startswith(reads)}


@dataclass
class Stack:
    """One stack of one program against one sandbox."""

    folder: Path
    sandbox: Sandbox
    environ: dict[str, str] = field(default_factory=dict)

    def program(self, text: str) -> None:
        """Replace the program."""
        header = "import pulumi\nimport pulumi_conduit as conduit\n"
        (self.folder / "__main__.py").write_text(header + textwrap.dedent(text), encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> Ran:
        """Run the CLI and return what it printed and which calls it made."""
        self.sandbox.forget_requests()
        done = subprocess.run(  # noqa: S603 - the CLI under test
            ["pulumi", *arguments, "--non-interactive", "--color=never"],  # noqa: S607 - found on PATH, as users do
            cwd=self.folder,
            env={**os.environ, **self.environ, **environ},
            text=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, dict(self.sandbox.counts()))

    def up(self, *arguments: str, **environ: str) -> Ran:
        """Update without a preview, so that calls are those of one process."""
        return self.run("up", "--yes", "--skip-preview", *arguments, **environ)

    def preview(self, *arguments: str, **environ: str) -> Ran:
        """Preview."""
        return self.run("preview", *arguments, **environ)

    def refresh(self, *arguments: str, **environ: str) -> Ran:
        """Refresh without a preview."""
        return self.run("refresh", "--yes", "--skip-preview", *arguments, **environ)

    def destroy(self, *arguments: str, **environ: str) -> Ran:
        """Destroy without a preview."""
        return self.run("destroy", "--yes", "--skip-preview", *arguments, **environ)

    def state(self) -> dict:
        """Return the stack's exported deployment."""
        return json.loads(self.run("stack", "export").text)["deployment"]

    def resources(self, kind: str) -> list[dict]:
        """Return the recorded resources of one kind."""
        return [one for one in self.state().get("resources", []) if one["type"].endswith(f"conduit:{kind}")]


@pytest.fixture
def sandbox(conduit_sandbox):
    """Give a sandbox of its own, because a provider whose CLI was killed may go on to send requests."""
    return conduit_sandbox


@pytest.fixture
def stack(tmp_path, sandbox):
    """Make an empty stack whose settings come from the environment."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: onboarding\nruntime: python\n", encoding="utf-8")
    environ = {
        **sandbox.environ(),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_SKIP_CHECKPOINTS": "true",  # the state is written once, at the end: several times faster here
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
    made = Stack(folder, sandbox, environ)
    made.program("")
    assert made.run("stack", "init", "dev").code == 0
    return made
