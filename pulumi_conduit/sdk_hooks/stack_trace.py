"""Takes the stack trace of a resource without reading source lines; the SDK sends file names and line numbers only.

For each resource the SDK looks at each file of the stack, whether it has changed on disk since its lines were read,
and makes a URI of each file name again. A program that declares resources in a loop has one stack for all of them.
"""

from __future__ import annotations

import functools
import sys
import traceback
from typing import TYPE_CHECKING, Any

from pulumi.runtime import resource

from pulumi_conduit.sdk_hooks.replacing import ModuleProxy, has_names, has_parameters, is_module, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_TRACE, _POSITION = "_get_stack_trace", "_get_source_position_for_frame"
_MOST_POSITIONS, _MOST_STACKS = 10_000, 1_000


def fits() -> bool:
    """Return whether the SDK makes the trace from the standard library's, frame by frame."""
    return (
        is_module(getattr(resource, "traceback", None), traceback)
        and has_parameters(resource, _TRACE)
        and has_names(resource, _TRACE, "traceback", "extract_stack", "name")
        and has_parameters(resource, _POSITION, "frame")
        and has_names(resource, _POSITION, "filename", "lineno")
    )


def install(_program: Any) -> None:
    """Replace what takes the stack, what makes a position of a frame, and what makes a trace of both."""
    if getattr(resource, "traceback", None) is traceback:
        resource.traceback = _Traceback(traceback)  # type: ignore[assignment, attr-defined]  # it stands in for it
    wrap_once(resource, _POSITION, _remembered)
    wrap_once(resource, _TRACE, _made_once)


class _Traceback(ModuleProxy):
    """Replaces the `traceback` module where the SDK registers resources."""

    def extract_stack(self, f: FrameType | None = None, limit: int | None = None) -> traceback.StackSummary:
        """Return the stack without its source lines, which are read if somebody asks for one."""
        if limit is not None:
            return traceback.extract_stack(f, limit)
        frames = traceback.walk_stack(f or sys._getframe(1))  # noqa: SLF001 - the documented way to a frame
        stack = [
            traceback.FrameSummary(frame.f_code.co_filename, line, frame.f_code.co_name, lookup_line=False)
            for frame, line in frames
        ]
        return traceback.StackSummary.from_list(stack[::-1])


def _remembered(find: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.lru_cache(_MOST_POSITIONS)
    def at(filename: str, lineno: int | None) -> Any:
        return find(traceback.FrameSummary(filename, lineno, "", lookup_line=False))

    def position(frame: traceback.FrameSummary) -> Any:
        return at(frame.filename, frame.lineno)

    return position


def _made_once(trace: Callable[[], Any]) -> Callable[[], Any]:
    @functools.lru_cache(_MOST_STACKS)
    def of(_: tuple[tuple[str, int | None, str], ...]) -> Any:
        return trace()

    def get_stack_trace() -> Any:
        frames = traceback.walk_stack(sys._getframe(1))  # noqa: SLF001 - the documented way to a frame
        return of(tuple((frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in frames))

    return get_stack_trace
