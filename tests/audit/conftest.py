"""One sandbox, and a way to audit it against exports, over HTTP, with a login of its own each time."""

import dataclasses
import functools
import sys
from pathlib import Path

import pytest

from pulumi_conduit.api import factory as connect_module
from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.cli.audit.audit import audit
from pulumi_conduit.cli.stack_export import read_export
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import link_tenant
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.settings import Settings

# The makers of exports are of use here, too, and the names that attack.
sys.path[:0] = [str(Path(__file__).parents[1] / room) for room in ("stacks", "hostile")]


@pytest.fixture(scope="session")
def running_sandbox():
    """Start one sandbox per test process: to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    """Return a sandbox as it was at its start, that answers as if nothing were hidden."""
    running_sandbox.reset()
    running_sandbox.switches = dataclasses.replace(running_sandbox.switches, unshared_user="visible")
    return running_sandbox


@pytest.fixture
def here(sandbox):
    """Return the tenant of the sandbox's people, as states record it."""
    return f"{sandbox.conductor_url}#admin@sandbox.example"


@pytest.fixture
def link_here(sandbox):
    """Return the tenant of the sandbox's companies."""
    return str(link_tenant(sandbox.link_url, sandbox.link.app_token()))


@pytest.fixture
def audited(sandbox, monkeypatch):
    """Return a function that audits the sandbox against exports, given as texts, and forgets earlier requests."""
    dependencies = ClientDependencies(logins=Logins())
    for name, connect in (("connect_link", connect_link), ("connect_conductor", connect_conductor)):
        monkeypatch.setattr(connect_module, name, functools.partial(connect, dependencies=dependencies))

    def act(*exports, environ=None, **options):
        sandbox.forget_requests()
        run = ProviderContext(Settings({**sandbox.environ(), **(environ or {})}, {}))
        return audit(run, None, [read_export(text, f"{n}.json") for n, text in enumerate(exports)], **options)

    return act
