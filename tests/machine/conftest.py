"""One sandbox per test process, and a line in the summary that says what the machine played."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import warm_launcher


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox; each sequence puts it back to its seed."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture(scope="session")
def engines():
    """Start engines as forks of a process that has one loaded, where that is safe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        launcher = warm_launcher("warm_machine")
        yield launcher
    launcher.close()


@pytest.fixture
def played(record_property):
    """Give a way to say in the summary what was run."""
    return lambda tally: record_property("played", asdict(tally))


def pytest_terminal_summary(terminalreporter):
    """Say what was played, summed over all tests and workers."""
    counts, violations = Counter(), 0
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            tallies = [value for name, value in report.user_properties if name == "played" and report.when == "call"]
            counts.update(sum(map(Counter, tallies), Counter()))
            violations += len(tallies) if outcome == "failed" else 0
    if counts:
        told = ", ".join(f"{counts[name]} {name}" for name in ("sequences", "steps", "operations"))
        terminalreporter.write_line(f"state machine: {told}, {violations} violations")
