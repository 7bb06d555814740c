"""One sandbox, and a way to audit it against exports, over HTTP, with a login of its own each time."""

import dataclasses
import functools

import pytest

from pulumi_conduit.api import factory as connect_module
from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.cli.audit.audit import audit
from pulumi_conduit.cli.stack_export import read_export
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.settings import Settings


@pytest.fixture
def sandbox(sandbox):
    """Return the sandbox, reset, with responses as if nothing were hidden."""
    sandbox.switches = dataclasses.replace(sandbox.switches, unshared_user="visible")
    return sandbox


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
