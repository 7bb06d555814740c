"""What the hostile tests share: one sandbox, and clients that never wait."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret

# The lifecycle walker and the gate of the fault tests are of use here, too.
sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

USERNAME = "admin@x.example"


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


@pytest.fixture
def connect():
    """Return a way to both clients of a base URL; nothing in them waits."""
    with ExitStack() as stack:

        def both(url):
            dependencies = ClientDependencies(clock=Clock(sleep=lambda _: None, random=lambda: 0.0), logins=Logins())
            common = {"deadline_s": 60, "workers": 2, "dependencies": dependencies}
            link = connect_link(LinkSettings(url, Secret("link-token")), **common)
            conductor = connect_conductor(ConductorSettings(url, USERNAME, Secret("password"), None), **common)
            stack.callback(link.close)
            stack.callback(conductor.close)
            return link, conductor

        yield both
