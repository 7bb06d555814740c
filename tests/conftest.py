"""What every room of the tests shares: what is skipped for want of a program, and what a run says that it tried."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict

import pytest

_NEEDED = {"engine": ["pulumi"], "browser": ["chromium", "chromedriver"]}


@pytest.hookimpl(trylast=True)  # after the rooms have set their markers
def pytest_collection_modifyitems(items):
    """Skip, by name, what needs a program where there is none."""
    for marker, programs in _NEEDED.items():
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            reason = f"not on PATH: {', '.join(missing)}"
            _skip((item for item in items if item.get_closest_marker(marker)), reason)


def _skip(items, reason):
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def tried(request):
    """Give a way to say in the summary how often something was tried."""

    def say(what, count=1):
        request.node.user_properties.append(("tried", (request.path.parent.name, what, count)))

    return say


def pytest_terminal_summary(terminalreporter):
    """Say what each room tried, summed over all tests and workers."""
    counts = defaultdict(Counter)
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "tried" and report.when == "call":
                room, what, count = value
                counts[room][what] += count
    for room, told in counts.items():
        terminalreporter.write_line(f"{room}: tried {', '.join(f'{count} {what}' for what, count in told.items())}")
