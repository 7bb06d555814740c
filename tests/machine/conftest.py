"""One sandbox per test process, and engines that may be killed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import fork_launcher

sys.path.append(str(Path(__file__).parents[1] / "pairs"))


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
        launcher = fork_launcher("warm_machine")
        yield launcher
    launcher.close()


@pytest.fixture
def played(tried):
    """Give a way to say in the summary what was run."""

    def say(tally):
        for what, count in asdict(tally).items():
            tried(what, count)

    return say
