"""`make demo`: the root Pulumi program against the sandbox: up, no-op, drift, repair, destroy.

With the Pulumi CLI where it is on PATH, else on the embedded engine. Everything it makes lies in `.demo/` and
`Pulumi.demo.yaml`, which git ignores. No credential of yours is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from pulumi_conduit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
STACK_FILE = ROOT / "Pulumi.demo.yaml"


class Driver(Protocol):
    """What runs the root program: one of two engines."""

    intro: str

    def run(self, operation: str, *, expect_no_changes: bool = False) -> int:
        """Run an operation, show what it does, and return an exit code."""


class Cli:
    """The Pulumi CLI, found on PATH."""

    intro = "Engine: the Pulumi CLI on PATH."

    def __init__(self, command: str, environ: dict[str, str]) -> None:
        """Make a stack in a backend of its own."""
        self._command = command
        self._environ = {
            **environ,
            "PULUMI_BACKEND_URL": DEMO.as_uri(),
            "PULUMI_HOME": str(DEMO / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        if self._call("stack", "init"):
            sys.exit(1)

    def run(self, operation: str, *, expect_no_changes: bool = False) -> int:
        """Run a command of the CLI."""
        return self._call(operation, "--yes", *(["--expect-no-changes"] if expect_no_changes else []))

    def _call(self, *arguments: str) -> int:
        command = [self._command, *arguments, "--stack", "demo", "--non-interactive"]
        sys.stdout.write(f"$ pulumi {' '.join(arguments)}\n")
        sys.stdout.flush()
        return subprocess.run(command, cwd=ROOT, env=self._environ, check=False).returncode  # noqa: S603 - the user's own


class Embedded:
    """The engine of the test kit, which needs no download."""

    intro = (
        "Engine: the embedded one of `pulumi_conduit.testing`, because `pulumi` is not on PATH.\n"
        "It runs the same program and the same provider, and decides as Pulumi does, but it is not Pulumi: it reaches\n"
        "nothing but the sandbox, keeps its state in a file, and shows less. With `pulumi` on PATH this demo uses\n"
        "that instead (https://www.pulumi.com/docs/install/)."
    )

    def __init__(self, environ: dict[str, str]) -> None:
        """Keep the state in a file."""
        self._environ = environ

    def run(self, operation: str, *, expect_no_changes: bool = False) -> int:
        """Run the same command of the test kit."""
        arguments = [operation, "--state", ".demo/state.json", "--stack", "demo"]
        arguments += ["--expect-no-changes"] if expect_no_changes else []
        sys.stdout.write(f"$ python -m pulumi_conduit.testing {' '.join(arguments)}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "pulumi_conduit.testing", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._environ, check=False).returncode  # noqa: S603 - ours


class Demo:
    """One stack of the root program."""

    def __init__(self, driver: Driver, sandbox: Sandbox) -> None:
        """Drive it, and count what is asked of the APIs."""
        self.driver, self.sandbox = driver, sandbox

    def run(self, title: str, operation: str, *, expect_no_changes: bool = False) -> None:
        """Run one operation and say which calls it made; a failure ends the demo with its exit code."""
        sys.stdout.write(f"\n=== {title}\n")
        self.sandbox.forget_requests()
        code = self.driver.run(operation, expect_no_changes=expect_no_changes)
        if code:
            sys.exit(code)
        calls = ", ".join(f"{count} x {route}" for route, count in sorted(self.sandbox.counts().items()))
        sys.stdout.write(f"--- calls to the APIs: {calls or 'none'}\n")

    def drift(self) -> None:
        """Change four things behind Pulumi's back; a deactivation is not undone, but reported."""
        sys.stdout.write(
            "\n=== Drift: Ada is demoted, Alan loses Travel, Grace is deactivated, ACME's page is opened\n"
        )
        self.sandbox.conductor.edit_user("ada@acme.example", type="READ_ONLY")
        self.sandbox.conductor.edit_user("alan@acme.example", accounts=[1])
        self.sandbox.conductor.edit_user("grace@acme.example", status="INACTIVE")
        self.sandbox.link.edit_company("ACME", page_enabled=True)


def _driver(sandbox: Sandbox) -> Driver:
    shutil.rmtree(DEMO, ignore_errors=True)
    STACK_FILE.unlink(missing_ok=True)
    DEMO.mkdir()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("CONDUIT_", "CONDUCTOR_"))}
    environ = {**ours, **sandbox.environ()}
    cli = shutil.which("pulumi")
    return Cli(cli, environ) if cli else Embedded(environ)


def main() -> int:
    """Walk through one onboarding and back."""
    with Sandbox.start() as sandbox:
        driver = _driver(sandbox)
        sys.stdout.write(f"{driver.intro}\nAPIs: the sandbox, on loopback.\n")
        demo = Demo(driver, sandbox)
        demo.run("Create", "up")
        demo.run("Nothing changed, nothing called", "up", expect_no_changes=True)
        demo.drift()
        demo.run("Find the drift", "refresh")
        demo.run("Repair it; a deactivation made outside stays, and is warned of", "up")
        demo.run("Deactivate everybody, retain the company", "destroy")
    sys.stdout.write(
        "\nDone. The program is examples/quickstart/__main__.py; docs/guides/README.md says where to go next.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
