"""The program that is running: what it declares is watched, and it ends quietly.

The package joins it when it is imported there, or when it begins, before the program declares anything else, so this
must be the least that does it. Must not know what a resource is for.
"""

from __future__ import annotations

import sys
import threading
import weakref
from types import TracebackType

import pulumi
from pulumi.runtime import get_root_resource

from pulumi_conduit.program.program_log import reserve_codes
from pulumi_conduit.program.resource_options import watch_program

__all__ = ["exit_quietly", "is_inline", "join_program"]

_INLINE: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def join_program() -> None:
    """Watch the program that is running and let it end quietly; where none is, touch nothing.

    An inline program of the Automation API runs beside the main thread of its host, whose hook is none of our business.
    """
    root = get_root_resource()
    if root is not None:
        watch_program()
        reserve_codes()
        if threading.current_thread() is threading.main_thread():
            exit_quietly()
        else:
            _INLINE.add(root)


def is_inline() -> bool:
    """Say whether the program that is running is an inline one, in the process of its host."""
    root = get_root_resource()
    return root is not None and root in _INLINE


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
