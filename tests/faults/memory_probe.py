"""A process of its own that makes calls and prints by how many bytes its memory grew; run by the memory tests."""

from __future__ import annotations

import contextlib
import gc
import json
import resource
import sys
from typing import Any

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.errors import ApiError
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret

_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
_WARM_UP = 500


def peak_bytes():
    """Return the most memory that this process has had at a time."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_UNIT


def outcome(ask):
    """Return the name of the error, or of none."""
    try:
        ask()
    except ApiError as error:
        return type(error).__name__
    return "success"


def main(url, what, calls, *floods):
    """Warm up, make the calls below each path, and print the growth and how they ended."""
    with contextlib.ExitStack() as stack:
        calm = connected(url, stack)
        for _ in range(_WARM_UP):
            outcome(calm["company"])
        calm["accounts"]()
        ends: dict[str, int] = {}
        before = peak_bytes()
        for flood in floods:
            ask = connected(f"{url}/{flood}", stack)[what]
            for _ in range(calls):
                end = f"{flood}: {outcome(ask)}"
                ends[end] = ends.get(end, 0) + 1
        print(json.dumps({"grown_bytes": peak_bytes() - before, "ends": ends}))  # noqa: T201 -- its one answer


def connected(url, stack):
    """Return what can be asked of both APIs below a URL."""
    dependencies = ClientDependencies(
        clock=Clock(sleep=lambda _: None, random=lambda: 0.0), timeouts=Timeouts(60, 60), logins=Logins()
    )
    common: dict[str, Any] = {"deadline_s": 120, "workers": 4, "dependencies": dependencies}
    link = connect_link(LinkSettings(url, Secret("token")), **common)
    conductor = connect_conductor(ConductorSettings(url, "a@b.c", Secret("password"), None), **common)
    stack.callback(link.close)
    stack.callback(conductor.close)
    return {
        "company": lambda: link.get_company("ACME"),
        "users": conductor.list_users,
        "accounts": conductor.list_accounts,
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
