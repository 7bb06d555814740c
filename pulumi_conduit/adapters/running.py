"""The program that is running: what it declares is watched, and it ends quietly.

The package joins it when it is imported there, before the program declares anything else, so this must be the least
that does it. Must not know what a resource is for.
"""

from __future__ import annotations

import sys
from types import TracebackType

from pulumi.runtime import get_root_resource

from pulumi_conduit.adapters.inheritance import watch_program

__all__ = ["exit_quietly", "join_program"]


def join_program() -> None:
    """Watch the program that is running and let it end quietly; where none is, touch nothing."""
    if get_root_resource() is not None:
        watch_program()
        exit_quietly()


class _Quiet:
    """Stands in for an exception hook: an interrupt is silent, everything else reaches the hook that was there."""

    def __init__(self) -> None:
        self._previous = sys.excepthook

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self._previous(kind, error, trace)


def exit_quietly() -> None:
    """Silence, once, the KeyboardInterrupt with which the engine ends a program after a failure.

    The engine interrupts a waiting program, whose tracebacks then bury the error that matters.
    """
    if not isinstance(sys.excepthook, _Quiet):
        sys.excepthook = _Quiet()
