"""Hooks into the running program: options are recorded, interrupts are silent, warning codes are reserved."""

from __future__ import annotations

import re
import sys
import threading
import weakref
from types import TracebackType
from typing import Any

import pulumi
from pulumi.runtime import get_root_resource

from pulumi_conduit.program.resource_options import watch_program
from pulumi_conduit.sdk_internals import wrap_log
from pulumi_conduit.warnings import PREFIX

__all__ = ["exit_quietly", "is_inline", "join_program", "reserve_codes"]

_COLOUR = re.compile(r"<\{%.*?%\}>", re.DOTALL)  # removed when a message is displayed


def reserve_codes() -> None:
    """Write warning codes in the program's own log messages in lower case; once, and if the SDK is known."""
    wrap_log(_without_codes)


def _without_codes(message: Any) -> Any:
    plain = _COLOUR.sub("", message) if isinstance(message, str) else ""
    return plain.replace(PREFIX, PREFIX.lower()) if PREFIX in plain else message


_INLINE: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def join_program() -> None:
    """Install the hooks in the running program, if any.

    An inline program of the Automation API runs beside its host's main thread, whose exception hook is left alone.
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
    """Return whether the running program is an inline one, in its host's process."""
    root = get_root_resource()
    return root is not None and root in _INLINE


class _Quiet:
    """An exception hook that ignores KeyboardInterrupt and forwards everything else."""

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
