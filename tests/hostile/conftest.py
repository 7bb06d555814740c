"""What the hostile tests share: one sandbox, and clients that never wait."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret

USERNAME = "admin@x.example"


@pytest.fixture
def connect():
    """Return a way to both clients of a base URL; nothing in them waits."""
    with ExitStack() as stack:

        def both(url):
            dependencies = ClientDependencies(clock=Clock(sleep=lambda _: None, random=lambda: 0.0), logins=Logins())
            common: dict[str, Any] = {"deadline_s": 60, "workers": 2, "dependencies": dependencies}
            link = connect_link(LinkSettings(url, Secret("link-token")), **common)
            conductor = connect_conductor(ConductorSettings(url, USERNAME, Secret("password"), None), **common)
            stack.callback(link.close)
            stack.callback(conductor.close)
            return link, conductor

        yield both
