"""One sandbox for all plans of a test process, and the machine's own means."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox

# Random programs, and the stage on which they are run.
sys.path.insert(0, str(Path(__file__).parents[1] / "machine"))


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox; each history puts it back to its seed."""
    with Sandbox.start() as running:
        yield running
