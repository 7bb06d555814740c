"""Hooks into the running program: declarations are watched, it ends quietly, its messages carry no code of ours."""

from __future__ import annotations

import functools
import re
import sys
import threading
import weakref
from types import TracebackType
from typing import Any

import pulumi
from pulumi.runtime import get_root_resource

from pulumi_conduit.program.resource_options import watch_program
from pulumi_conduit.warnings import PREFIX

__all__ = ["exit_quietly", "is_inline", "join_program", "reserve_codes"]

_COLOUR = re.compile(r"<\{%.*?%\}>", re.DOTALL)  # taken out when a message is shown
_IS_RESERVED = "_conduit_reserves_codes"


def reserve_codes() -> None:
    """Show codes in what the program logs from now on in small letters; once, and where the SDK is one that we know."""
    log = getattr(pulumi.log, "_log", None)
    if log is None or hasattr(log, _IS_RESERVED):
        return

    @functools.wraps(log)
    def shown(engine: Any, severity: Any, message: Any, *more: Any, **named: Any) -> Any:
        return log(engine, severity, _without_codes(message), *more, **named)

    setattr(shown, _IS_RESERVED, True)
    pulumi.log._log = shown  # noqa: SLF001 - every message goes through it


def _without_codes(message: Any) -> Any:
    plain = _COLOUR.sub("", message) if isinstance(message, str) else ""
    return plain.replace(PREFIX, PREFIX.lower()) if PREFIX in plain else message


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
