"""Engines that may be killed, and what was run, for the summary."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from pulumi_conduit.testing.engine import fork_launcher


@pytest.fixture(scope="session")
def engines():
    """Start engines as forks of a process that has one loaded, where that is safe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        launcher = fork_launcher("preloaded_machine")
        yield launcher
    launcher.close()


@pytest.fixture
def played(tried):
    """Give a way to say in the summary what was run."""

    def say(tally):
        for what, count in asdict(tally).items():
            tried(what, count)

    return say
