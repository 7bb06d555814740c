"""What the fault tests share: one sandbox, the gates before it, and the place where cells are played."""

from __future__ import annotations

import functools
from contextlib import ExitStack

import pytest
from fault_proxy import Gate
from fault_server import Theatre


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
