"""What the fault tests share: one sandbox, the proxies before it, and the server with a fault."""

from __future__ import annotations

import functools
from contextlib import ExitStack

import pytest
from fault_proxy import FaultProxy
from fault_server import FaultServer


@pytest.fixture(scope="session")
def proxies(running_sandbox):
    """Give the proxy that shows a certificate, or none; each is opened once."""
    with ExitStack() as stack:

        @functools.cache
        def proxy(certificate=None):
            opened = FaultProxy(running_sandbox, certificate=certificate)
            stack.callback(opened.close)
            return opened

        yield proxy


@pytest.fixture
def fault_server(running_sandbox, proxies, monkeypatch):
    """Give the place where cells are played."""
    return FaultServer(running_sandbox, proxies(), proxies, monkeypatch)
