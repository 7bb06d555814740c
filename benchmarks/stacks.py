"""`python -m benchmarks.stacks`: one roster in many stacks against the same in one; and a run killed and resumed.

Writes stacks.json and stacks.md. Both sides have the same file, the same program and the same sandbox, which is empty
at the start of each life and is compared with the file after each command. Checkpoints are skipped on both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import machine
from benchmarks.measuring import FailedRunError, measured
from benchmarks.options import names
from benchmarks.runners import as_users, has_pulumi
from benchmarks.service import Service
from benchmarks.stacks_table import as_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Life", "main"]

_FAILED = 1
_CHANGED = 10
_OPERATIONS = {"up": "up", "no-op": "up", "change": "up", "refresh": "refresh", "destroy": "destroy"}
_PROGRAM = 'import pulumi_conduit as conduit\n\nconduit.Roster("team", "people.csv")\n'
_COMMAND = "from pulumi_conduit.cli import main; main()"
_QUIET_S = 5.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Options:
    """What is measured."""

    users: int
    stacks: int
    at_once: int
    latency_ms: float
    kill_at: float
    workloads: tuple[str, ...]
    out: Path


@dataclass
class Life:
    """One roster in so many stacks, from nothing to nothing."""

    options: Options
    stacks: int
    service: Service
    folder: Path
    samples: list[dict[str, Any]] = field(default_factory=list)
    changed: int = 0

    def __post_init__(self) -> None:
        """Write the project, and make the one stack where there is one: `stacks` makes its own."""
        self.folder.mkdir()
        (self.folder / "home").mkdir()
        project = self.folder / "project"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
        (project / "__main__.py").write_text(_PROGRAM, encoding="utf-8")
        self.write_roster(changed=0)
        self.service.reset(self.options.latency_ms)
        if self.stacks == 1:
            self._quietly(["pulumi", "stack", "init", "one", "--non-interactive"])

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of the commands, with a backend and a home of their own."""
        return {
            **as_users(os.environ),
            **self.service.environ,
            "PULUMI_BACKEND_URL": (self.folder / "home").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_CHECKPOINTS": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def write_roster(self, *, changed: int) -> None:
        """Write the file, in which the first people are of another type."""
        rows = ["email,first_name,last_name,type,accounts"]
        rows += [f"{_email(one)},Ada,No{one},{_type(one, changed)},1" for one in range(self.options.users)]
        (self.folder / "project" / "people.csv").write_text("\n".join(rows), encoding="utf-8")

    def command(self, operation: str, *more: str) -> list[str]:
        """Return the command for all stacks."""
        if self.stacks == 1:
            asked = ["--yes", "--skip-preview", "--stack", "one", "--non-interactive", "--cwd", "project"]
            return ["pulumi", operation, *asked, *more]
        asked = ["--stack-prefix", "s", "--at-once", str(self.options.at_once), "--yes", "--cwd", "project", *more]
        made = ["--shards", str(self.stacks)] if operation == "up" else []
        return [sys.executable, "-c", _COMMAND, "stacks", operation, *asked, *made]

    def measure(self, workload: str, *more: str) -> None:
        """Run a workload, and compare what it leaves with the file."""
        self.service.forget_requests()
        self.changed = _CHANGED if workload == "change" else self.changed
        self.write_roster(changed=self.changed)
        command = self.command(_OPERATIONS.get(workload, "up"), *more)
        cost = measured(command, cwd=self.folder, environ=self.environ)  # its output must not change the project
        self.note(workload, cost.wall_s, cost.cpu_s)
        self.require_state("INACTIVE" if workload == "destroy" else "ACTIVE", self.changed)

    def note(self, workload: str, wall_s: float, cpu_s: float | None) -> None:
        """Keep a sample."""
        calls = {route: count for route, count in self.service.counts().items() if count}
        self.samples.append(
            {"workload": workload, "wall_s": wall_s, "cpu_s": cpu_s, "calls": calls, "state_bytes": self._state_bytes()}
        )
        sys.stderr.write(f"{self.stacks} stacks: {workload}: {wall_s:.0f} s\n")

    def require_state(self, status: str, changed: int) -> None:
        """End the benchmark where the sandbox holds something else than the file says."""
        users = self.service.state()["users"]
        live = {key: (one["type"], one["status"], one["accounts"]) for key, one in users.items() if "@acme" in key}
        declared = {_email(one): (_type(one, changed), status, [1]) for one in range(self.options.users)}
        if live != declared:
            wrong = sorted(key for key in {*live, *declared} if live.get(key) != declared.get(key))
            raise FailedRunError(f"{len(wrong)} people are not as declared, the first of them {wrong[0]}")

    def _state_bytes(self) -> int:
        return sum(one.stat().st_size for one in (self.folder / "home").glob(".pulumi/stacks/**/*.json"))

    def _quietly(self, command: list[str]) -> None:
        subprocess.run(command, cwd=self.folder / "project", env=self.environ, capture_output=True, check=True)  # noqa: S603 - the CLI


class KilledLife(Life):
    """A life whose first command is killed with all its CLIs, as by a loss of power, and then resumed."""

    def kill_and_resume(self) -> None:
        """Measure both halves; who was made before the kill is not made again."""
        self.service.forget_requests()
        begun = time.perf_counter()
        self._run_until(int(self.options.users * self.options.kill_at))
        self.note("up, killed", time.perf_counter() - begun, None)
        made = self.service.counts().get("POST /users", 0)
        self.measure("resume", "--resume", "--unlock")
        made += self.samples[-1]["calls"].get("POST /users", 0)
        self.samples[-1]["made_in_all"] = made
        if made != self.options.users:
            raise FailedRunError(f"{made} calls made {self.options.users} people")

    def _run_until(self, users: int) -> None:
        with (self.folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                self.command("up"), cwd=self.folder, env=self.environ, stdout=output, stderr=output
            )
            while self.service.counts().get("POST /users", 0) < users:
                if process.poll() is not None:
                    raise FailedRunError(f"it ended before {users} people were made:\n{_tail(self.folder)}")
                time.sleep(_POLL_S)
            for pid in (process.pid, *_children(process.pid)):
                os.kill(pid, signal.SIGKILL)
            process.wait()
        self._await_quiet()

    def _await_quiet(self) -> None:
        """Wait until the provider processes, which outlive their CLIs for a moment, make no calls any more."""
        quiet_since, seen = time.monotonic(), -1
        while time.monotonic() - quiet_since < _QUIET_S:
            count = sum(self.service.counts().values())
            if count != seen:
                quiet_since, seen = time.monotonic(), count
            time.sleep(_POLL_S)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the results."""
    options = _parsed(arguments)
    if not has_pulumi():
        sys.stderr.write("error: this measures the Pulumi CLI, and there is no `pulumi` on PATH\n")
        return _FAILED
    loads = [machine.load()]
    try:
        lives = _lived(options)
    except FailedRunError as error:
        sys.stderr.write(f"error: {error}\n")
        return _FAILED
    loads.append(machine.load())
    asked = {**asdict(options), "out": None}
    results = {"machine": machine.described(), "loads": loads, "options": asked, "lives": lives}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "stacks.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / "stacks.md").write_text(as_markdown(results), encoding="utf-8")
    return 0


def _lived(options: Options) -> dict[str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Service(Path(name)) as service:
        folder = Path(name)
        # Without `up` there is nothing.
        workloads = [one for one in _OPERATIONS if one == "up" or one in options.workloads]
        many = Life(options, options.stacks, service, folder / "many")
        for workload in workloads:
            many.measure(workload)
        killed = KilledLife(options, options.stacks, service, folder / "killed")
        killed.kill_and_resume()
        one = Life(options, 1, service, folder / "one")
        for workload in workloads:
            one.measure(workload)
    return {"many": many.samples, "killed": killed.samples, "one": one.samples}


def _parsed(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stacks", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000, help="people, with a grant each")
    parser.add_argument("--stacks", type=int, default=20, help="stacks that they are split into")
    parser.add_argument("--at-once", type=int, default=2 * (os.cpu_count() or 1), help="stacks that run at a time")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="of each request")
    parser.add_argument("--kill-at", type=float, default=0.5, help="the share of the people after which it is killed")
    known = tuple(_OPERATIONS)
    parser.add_argument("--workloads", type=names(known), default=known, help=f"of {', '.join(known)}")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results", help="folder of the results")
    return Options(**vars(parser.parse_args(arguments)))


def _email(number: int) -> str:
    return f"user{number:05}@acme.example"


def _type(number: int, changed: int) -> str:
    return "STANDARD" if number < changed else "READ_ONLY"


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)  # noqa: S607 - as users have it
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def _tail(folder: Path) -> str:
    return (folder / "output.txt").read_text(encoding="utf-8", errors="replace")[-4000:]


if __name__ == "__main__":
    sys.exit(main())
