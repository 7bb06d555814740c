"""One sandbox for all cells of a test process."""

from __future__ import annotations

import pytest

from pulumi_conduit.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox; each cell puts it back to its start."""
    with Sandbox.start() as running:
        yield running
