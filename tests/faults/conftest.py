"""What the fault tests share: one sandbox, the gates before it, and the place where cells are played."""

from __future__ import annotations

import functools
from contextlib import ExitStack

import pytest
from gate import Gate
from theatre import Theatre

from pulumi_conduit.sandbox import Sandbox


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
