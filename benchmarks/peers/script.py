"""A bare script that makes one call after the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from benchmarks.peer import Kind, Peer
from benchmarks.scripting import CALLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["PEER"]

PEER = Peer(name="script", what="a script, one call after the other", kind=Kind.SCRIPT, calls=CALLS)


def one_by_one(step: Callable[[Any], None], things: Iterable[Any]) -> None:
    """Take one after the other."""
    for thing in things:
        step(thing)


if __name__ == "__main__":
    from benchmarks.bare import Bare
    from benchmarks.scripting import run

    run(sys.argv[1], Bare(), one_by_one)
