"""A process of its own that makes calls and prints by how many bytes its memory grew; run by the memory tests."""

from __future__ import annotations

import contextlib
import gc
import json
import resource
import sys

from pulumi_conduit.api.clock import Clock
from pulumi_conduit.api.connect import Surroundings, connect_conductor, connect_link
from pulumi_conduit.api.login import Logins
from pulumi_conduit.api.wire import Timeouts
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


def main(url, what, calls):
    """Warm up, make the calls, and print the growth and how they ended."""
    surroundings = Surroundings(
        clock=Clock(sleep=lambda _: None, random=lambda: 0.0), timeouts=Timeouts(60, 60), logins=Logins()
    )
    common = {"deadline_s": 120, "workers": 4, "surroundings": surroundings}
    link = connect_link(LinkSettings(url, Secret("token")), **common)
    conductor = connect_conductor(ConductorSettings(url, "a@b.c", Secret("password"), None), **common)
    asks = {"company": lambda: link.get_company("ACME"), "users": conductor.list_users}
    for _ in range(_WARM_UP):
        outcome(lambda: link.get_company("CALM"))
    conductor.list_accounts()
    before, ends = peak_bytes(), {}
    for _ in range(calls):
        end = outcome(asks[what])
        ends[end] = ends.get(end, 0) + 1
    with contextlib.closing(link), contextlib.closing(conductor):
        print(json.dumps({"grown_bytes": peak_bytes() - before, "ends": ends}))  # noqa: T201 -- its one answer


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
