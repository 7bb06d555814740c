"""What all tests share: the sandbox, what is skipped for want of a program, and what a run reports that it tried."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import os
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pulumi.runtime import mocks, sync_await
from sampling import IS_FULL, SEED, amount

from pulumi_conduit.sandbox import Sandbox

_HERE = Path(__file__).parent
_MARKER_BY_FOLDER = {
    "browser": "browser",
    "conformance": "conformance",
    "contract": "contract",
    "engine": "engine",
    "faults": "faults",
    "guides": "guides",
    "hostile": "faults",
    "machine": "random",
    "pairs": "random",
    "plans": "random",
}
_NEEDED = {"engine": ["pulumi"], "browser": ["chromium", "chromedriver"]}


settings.register_profile(
    "suite",
    deadline=None,  # a busy machine is no failure
    database=None,
    derandomize=not IS_FULL and "SOAK_RUNS" not in os.environ,  # `make test` tries the same everywhere
    max_examples=amount(15, 150, "SOAK_RUNS"),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("suite")
_LEFT_OUT = {"engine": "needs the Pulumi CLI: `make test-all` runs it", "slow": "slow: `make test-all` runs it"}


def pytest_report_header():
    """Print the seed that repeats this run."""
    return f"random and generated suites: {'all' if IS_FULL else 'a share'}, TEST_SEED={SEED}"


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marker
def pytest_collection_modifyitems(items, config):
    """Mark tests by kind, and skip, by name, what needs a missing program, or the CLI where it was not asked for."""
    for item in items:
        _mark(item)
    for marker, reason in _LEFT_OUT.items():
        if not IS_FULL and marker not in config.option.markexpr:
            _skip((item for item in items if item.get_closest_marker(marker)), reason)
    for marker, programs in _NEEDED.items():
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            reason = f"not on PATH: {', '.join(missing)}"
            _skip((item for item in items if item.get_closest_marker(marker)), reason)


def pytest_collection_finish():
    """Let the collector of garbage pass over what is loaded now: it lasts as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)  # tests make much that soon is garbage, and little that lasts


def _mark(item):
    """Mark a test by its folder, and by the embedded engine that it asks for."""
    folder = item.path.relative_to(_HERE).parts[0] if item.path.is_relative_to(_HERE) else ""
    if folder in _MARKER_BY_FOLDER:
        item.add_marker(_MARKER_BY_FOLDER[folder])
    if "conduit_launcher" in item.fixturenames:
        item.add_marker("embedded")


def _skip(items, reason):
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox per worker, because to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    """Return the running sandbox, reset: its seed, its first switches, no faults and an empty log."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def switch(sandbox):
    """Return a function that sets switches of the sandbox."""

    def set_switches(**values):
        sandbox.switches = dataclasses.replace(sandbox.switches, **values)

    return set_switches


@pytest.fixture(scope="session", autouse=True)
def loop():
    """Give Pulumi's mocks the one event loop that a program would run in, and close those that they make and forget."""
    ensure = sync_await._ensure_event_loop
    made = [asyncio.new_event_loop()]
    asyncio.set_event_loop(made[0])

    def ensure_and_remember():
        made.append(ensure())
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        for module in (mocks, sync_await):
            patch.setattr(module, "_ensure_event_loop", ensure_and_remember)
        yield made[0]
    asyncio.set_event_loop(None)
    for one in made:
        one.close()


@pytest.fixture
def tried(request):
    """Give a way to say in the summary how often something was tried."""

    def say(what, count=1):
        request.node.user_properties.append(("tried", (request.path.parent.name, what, count)))

    return say


def pytest_terminal_summary(terminalreporter):
    """Report what was left out, and what each folder tried, summed over all tests and workers."""
    skipped = [str(one.longrepr) for one in terminalreporter.getreports("skipped")]
    left_out = {marker: sum(reason in one for one in skipped) for marker, reason in _LEFT_OUT.items()}
    if any(left_out.values()):
        counts = ", ".join(f"{count} marked {marker}" for marker, count in left_out.items() if count)
        terminalreporter.write_line(f"left out: {counts}; `make test-all` runs them, with the Pulumi CLI on PATH")
    tried_in: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "tried" and report.when == "call":
                room, what, count = value
                tried_in[room][what] += count
    for room, told in tried_in.items():
        terminalreporter.write_line(f"{room}: tried {', '.join(f'{count} {what}' for what, count in told.items())}")
