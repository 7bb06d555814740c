"""One sandbox, and ways to examine it; no setting of whoever runs the tests counts."""

import os
import sys
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox

# The gate with its certificates, the canaries and the makers of exports are of use here, too.
sys.path[:0] = [str(Path(__file__).parents[1] / room) for room in ("faults", "hostile", "stacks")]


@pytest.fixture(autouse=True)
def no_settings_of_whoever_runs_the_tests(monkeypatch):
    """Hide the settings that a developer's shell may hold, and its proxies and certificates."""
    others = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PULUMI_SKIP_CHECKPOINTS", "PULUMI_PYTHON_CMD")
    for name in list(os.environ):
        if name.startswith(("CONDUIT_", "CONDUCTOR_")) or name in others or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox per test process: to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    """Return a sandbox as it was at its start."""
    running_sandbox.reset()
    return running_sandbox
