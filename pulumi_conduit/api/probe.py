"""One look at an API that asks nothing of it and shows no credential: does HTTP answer, and what time is it there.

Must not judge what is answered: whatever a server says to a stranger, it is there.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from pulumi_conduit.api.http import Timeouts, Wire, new_session
from pulumi_conduit.api.request import Answer, Call, Lost
from pulumi_conduit.api.routes import Api, Route
from pulumi_conduit.api.tls import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["look"]


def look(api: Api, base_url: str, timeout_s: float, environ: Mapping[str, str] = os.environ) -> Answer | Lost:
    """Ask for the base URL itself, once and without a credential, and return what came of it."""
    wire = Wire(base_url, Trust.towards(base_url, environ), new_session(1), Timeouts())
    with closing(wire):
        return wire.attempt(Call(Route(api, "look", "GET", "/", is_repeatable=True)), None, timeout_s)
