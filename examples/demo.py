"""`make demo`: the root Pulumi program against the sandbox: up, no-op, drift, repair, destroy.

Everything it makes lies in `.demo/` and `Pulumi.demo.yaml`, which git ignores. No credential of yours is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pulumi_conduit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
STACK_FILE = ROOT / "Pulumi.demo.yaml"


class Demo:
    """One stack of the root program, driven through the CLI."""

    def __init__(self, cli: str, sandbox: Sandbox) -> None:
        """Start from an empty folder."""
        shutil.rmtree(DEMO, ignore_errors=True)
        STACK_FILE.unlink(missing_ok=True)
        DEMO.mkdir()
        self.cli, self.sandbox = cli, sandbox
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("CONDUIT_", "CONDUCTOR_"))}
        self.environ = {
            **ours,
            **sandbox.environ(),
            "PULUMI_BACKEND_URL": DEMO.as_uri(),
            "PULUMI_HOME": str(DEMO / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def run(self, title: str, *arguments: str) -> None:
        """Run one command of the CLI and say which calls it made; a failure ends the demo with its exit code."""
        sys.stdout.write(f"\n=== {title}: pulumi {' '.join(arguments)}\n")
        sys.stdout.flush()
        self.sandbox.forget_requests()
        command = [self.cli, *arguments, "--stack", "demo", "--non-interactive"]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, check=False)  # noqa: S603 - the user's own CLI
        if done.returncode:
            sys.exit(done.returncode)
        calls = ", ".join(f"{count} x {route}" for route, count in sorted(self.sandbox.counts().items()))
        sys.stdout.write(f"--- calls to the APIs: {calls or 'none'}\n")

    def drift(self) -> None:
        """Change three things behind Pulumi's back."""
        sys.stdout.write(
            "\n=== Drift: Ada is demoted, Alan loses Travel, Grace is deactivated, ACME's page is opened\n"
        )
        self.sandbox.conductor.edit_user("ada@acme.example", type="READ_ONLY")
        self.sandbox.conductor.edit_user("alan@acme.example", accounts=[1])
        self.sandbox.conductor.edit_user("grace@acme.example", status="INACTIVE")
        self.sandbox.link.edit_company("ACME", page_enabled=True)


def main() -> int:
    """Walk through one onboarding and back."""
    cli = shutil.which("pulumi")
    if cli is None:
        sys.stderr.write(
            "The demo runs the real Pulumi engine, and `pulumi` is not on PATH."
            " Get it at https://www.pulumi.com/docs/install/ and run `make demo` again.\n"
        )
        return 1
    sys.stdout.write("Engine: the Pulumi CLI on PATH. APIs: the sandbox, on loopback.\n")
    with Sandbox.start() as sandbox:
        demo = Demo(cli, sandbox)
        demo.run("A stack", "stack", "init")
        demo.run("Create", "up", "--yes")
        demo.run("Nothing changed, nothing called", "up", "--yes", "--expect-no-changes")
        demo.drift()
        demo.run("Find the drift", "refresh", "--yes")
        demo.run("Repair it; a deactivation made outside stays, and is warned of", "up", "--yes")
        demo.run("Deactivate everybody, retain the company", "destroy", "--yes")
    sys.stdout.write("\nDone. The program is examples/quickstart/__main__.py.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
