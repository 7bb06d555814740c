"""The same script with 10 threads: nothing creates faster."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from benchmarks.peer import Kind, Peer
from benchmarks.scripting import CALLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["PEER"]

PEER = Peer(name="script-10", what="the same script with 10 threads", kind=Kind.SCRIPT, calls=CALLS)

_THREADS = 10


def in_threads(step: Callable[[Any], None], things: Iterable[Any]) -> None:
    """Take ten at a time, and fail with the first that fails."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(step, things))


if __name__ == "__main__":
    from benchmarks.bare import Bare
    from benchmarks.scripting import run

    run(sys.argv[1], Bare(_THREADS), in_threads)
