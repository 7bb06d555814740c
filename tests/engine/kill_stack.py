"""A stack on the real CLI, of which the CLI or the provider can be killed while the APIs hold what they were asked.

Must not know which requests those are. What a run has started is found by a variable of its environment, so that
nobody else's process is ever seen or killed.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pulumi_conduit.sandbox import Sandbox

QUICK_PIP = Path(__file__).parent / "quick_pip"
_LONGEST_S = 600
_LOOK_EVERY_S = 0.2
_MARK = "KILL_STACK"


@dataclass(frozen=True)
class CommandResult:
    """How a command ended, and what it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class KillableStack:
    """One stack in a folder: program, backend, and the file of its sandbox; all of it can be copied elsewhere."""

    folder: Path
    proxy_url: str
    checkpoints: bool = True

    @classmethod
    def built(cls, folder, proxy_url, *, checkpoints=True):
        """Build the folder of a stack."""
        (folder / "program").mkdir(parents=True)
        (folder / "program" / "Pulumi.yaml").write_text("name: killed\nruntime: python\n", encoding="utf-8")
        return cls(folder, proxy_url, checkpoints)

    def write(self, program):
        """Replace the program."""
        (self.folder / "program" / "__main__.py").write_text(program, encoding="utf-8")

    def copied(self, folder, *, checkpoints):
        """Return the same stack elsewhere, with its sandbox as it was."""
        shutil.copytree(self.folder, folder)
        return KillableStack(folder, self.proxy_url, checkpoints)

    @contextmanager
    def sandbox(self, proxy):
        """Run this stack's sandbox behind the proxy."""
        with Sandbox.start(file=self.folder / "sandbox.db") as sandbox:
            proxy.serve(sandbox)
            try:
                yield sandbox
            finally:
                self.clean()

    def environ(self, sandbox, **more):
        """Return the environment of a run."""
        urls = {"CONDUIT_LINK_URL": self.proxy_url, "CONDUCTOR_URL": f"{self.proxy_url}/conductor"}
        skip = {} if self.checkpoints else {"PULUMI_SKIP_CHECKPOINTS": "true"}
        return {
            **os.environ,
            **sandbox.environ(),
            **urls,
            **skip,
            _MARK: str(self.folder),
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_STACK": "dev",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(QUICK_PIP), os.environ.get("PYTHONPATH")))),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            **more,
        }

    def begin(self, environ, *arguments):
        """Begin a command, in a session of its own; what it prints goes to a file, which orphans may keep open."""
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(  # noqa: S603 - the CLI under test
                ["pulumi", *arguments, "--non-interactive", "--color=never"],  # noqa: S607 - found on PATH, as users do
                cwd=self.folder / "program",
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self, command):
        """Return how a command ended."""
        code = command.wait(_LONGEST_S)
        return CommandResult(code, (self.folder / "said").read_text(encoding="utf-8"))

    def run(self, environ, *arguments):
        """Run a command to its end."""
        return self.ended(self.begin(environ, *arguments))

    def pending(self):
        """Return the operations that the state says were begun and never ended."""
        return self._state().get("pending_operations", [])

    def urns(self):
        """Return what the state holds."""
        return sorted(one["urn"] for one in self._state().get("resources", []))

    @property
    def attributes(self):
        """Return the file that a `file://` backend keeps beside the state, and does not write in one piece."""
        return self.folder / ".pulumi" / "stacks" / "killed" / "dev.json.attrs"

    def _state(self):
        return json.loads(self.attributes.with_suffix("").read_text(encoding="utf-8"))["checkpoint"]["latest"]

    def provider(self):
        """Return the process of the provider: not of the shell that has started it."""
        (pid,) = (pid for pid, words in self.processes().items() if "pulumi.dynamic" in words)
        return pid

    def processes(self):
        """Return the command line of every running process of this stack by its id."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"{_MARK}={self.folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = (process / "cmdline").read_text(encoding="utf-8").split("\0")
        return found

    def has_no_provider(self):
        """Wait until the processes of the provider have ended by themselves; say whether they have."""
        over = time.monotonic() + _LONGEST_S
        while any(map(_is_provider, self.processes().values())) and time.monotonic() < over:
            time.sleep(_LOOK_EVERY_S)
        return not any(map(_is_provider, self.processes().values()))

    def clean(self):
        """Kill what the CLI's own language host leaves of a killed run: it looks for its engine every few minutes."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                kill(pid)


def _is_provider(words):
    return "pulumi.dynamic" in words or any("pulumi-resource-pulumi-python" in word for word in words)


def kill(pid):
    """Kill one process, and nothing of its group."""
    os.kill(pid, signal.SIGKILL)
