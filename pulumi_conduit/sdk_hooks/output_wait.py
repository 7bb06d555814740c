"""Waits for all outputs of a program at once; the SDK waits for the first of them, again and again.

Each of the SDK's rounds adds a callback to every outstanding output and removes it again, which is quadratic. Here each
output gets one callback. As in the SDK, a failed output ends the wait at once, and outputs that are made meanwhile are
waited for when another output is ready.
"""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from typing import TYPE_CHECKING, Any

from pulumi.runtime import get_root_resource, stack
from pulumi.runtime.settings import SETTINGS

from pulumi_conduit.sdk_hooks.replacing import ModuleProxy, has_names, is_module

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 260), (3, 272)})
_USED = ("asyncio", "wait", "FIRST_COMPLETED", "SETTINGS", "outputs", "clear", "add")
_PROGRAMS: weakref.WeakSet[Any] = weakref.WeakSet()


def fits() -> bool:
    """Return whether the SDK waits for the first of a set of outputs, by the name of the module that it uses."""
    return (
        is_module(getattr(stack, "asyncio", None), asyncio)
        and isinstance(SETTINGS.outputs, set)
        and has_names(stack, "wait_for_rpcs", *_USED)
    )


def install(program: Any) -> None:
    """Let the wait of a program be one; other programs of this process wait as before."""
    _PROGRAMS.add(program.root)
    if getattr(stack, "asyncio", None) is asyncio:
        stack.asyncio = _AsyncioOfStack(asyncio)  # type: ignore[assignment, attr-defined]  # it stands in for the module


class _AsyncioOfStack(ModuleProxy):
    """Replaces the `asyncio` module where the SDK runs a program."""

    async def wait(self, outputs: Collection[asyncio.Future[Any]], **options: Any) -> tuple[Any, Any]:
        """Wait for all outputs of a program that uses this package; any other wait is as it was."""
        if options != {"return_when": asyncio.FIRST_COMPLETED} or get_root_resource() not in _PROGRAMS:
            ended: tuple[Any, Any] = await asyncio.wait(outputs, **options)
            return ended
        return await _Wait().until_all_are_ready(outputs)


class _Wait:
    """A wait for outputs, and for those that are made meanwhile."""

    def __init__(self) -> None:
        self._pending: set[asyncio.Future[Any]] = set()
        self._failed: list[asyncio.Future[Any]] = []
        self._context = contextvars.copy_context()  # one for all; each would get one of its own
        self._next: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def until_all_are_ready(self, outputs: Iterable[asyncio.Future[Any]]) -> tuple[Any, Any]:
        """Return, as `asyncio.wait` does, the outputs that have failed and those that are pending."""
        try:
            self._add(outputs)
            while self._pending and not self._failed:
                await self._next
                self._next = asyncio.get_running_loop().create_future()
                self._add(_take_new())
            return self._failed, self._pending
        finally:
            for output in self._pending:
                output.remove_done_callback(self._end)

    def _add(self, outputs: Iterable[asyncio.Future[Any]]) -> None:
        for output in outputs:
            if output not in self._pending:
                self._pending.add(output)
                output.add_done_callback(self._end, context=self._context)

    def _end(self, output: asyncio.Future[Any]) -> None:
        self._pending.discard(output)
        if output.cancelled() or output.exception() is not None:
            self._failed.append(output)
        if not self._next.done():
            self._next.set_result(None)


def _take_new() -> list[asyncio.Future[Any]]:
    if not SETTINGS.outputs:
        return []
    with SETTINGS.lock:
        outputs = [*SETTINGS.outputs]
        SETTINGS.outputs.clear()
    return outputs
