"""What the fault tests share: one sandbox, the gates before it, and a line in the summary that says what was tried."""

from __future__ import annotations

import functools
from collections import Counter
from contextlib import ExitStack

import pytest
from gate import Gate
from theatre import Theatre

from pulumi_conduit.sandbox import Sandbox

TRIED = pytest.StashKey[Counter]()


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox per test process: to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture(scope="session")
def gates(running_sandbox):
    """Give the gate that shows a certificate, or none; each is opened once."""
    with ExitStack() as stack:

        @functools.cache
        def gate(certificate=None):
            opened = Gate(running_sandbox, certificate=certificate)
            stack.callback(opened.close)
            return opened

        yield gate


@pytest.fixture
def theatre(running_sandbox, gates, monkeypatch):
    """Give the place where cells are played."""
    return Theatre(running_sandbox, gates(), gates, monkeypatch)


@pytest.fixture
def tried(record_property):
    """Give a way to say in the summary how often something was tried."""

    def say(what, count=1):
        record_property("tried", (what, count))

    return say


def pytest_terminal_summary(terminalreporter):
    """Say what was tried, summed over all tests and workers."""
    counts = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "tried":
                counts[value[0]] += value[1]
    if counts:
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        terminalreporter.write_line(f"faults: tried {said}")
