"""When the top level of the running program has run: from then on it has declared all that it declares by itself.

The SDK then registers the outputs of the stack, with every program: a module, a function, a coroutine. That call is the
only sign; a program that fails registers them, too, on its way out, and has not declared all.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

import pulumi

__all__ = ["watch_top_level", "when_top_level_has_run"]

_WAITING: weakref.WeakKeyDictionary[pulumi.Resource, list[Callable[[], None]]] = weakref.WeakKeyDictionary()
_HAS_RUN: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def watch_top_level(root: pulumi.Resource) -> None:
    """Note, once for each program, when its stack's outputs are registered."""
    register = getattr(root, "register_outputs", None)
    if root in _WAITING or register is None:
        return
    _WAITING[root] = []
    own = weakref.ref(root)

    def register_outputs(outputs: Any) -> None:
        _end(own(), is_failing=sys.exc_info()[0] is not None)
        register(outputs)

    root.register_outputs = register_outputs  # type: ignore[attr-defined] # the SDK tells it in no other way


def when_top_level_has_run(root: pulumi.Resource, act: Callable[[], None]) -> None:
    """Act when the program's top level has run without an error; at once where it has."""
    if root in _HAS_RUN:
        act()
    else:
        _WAITING.setdefault(root, []).append(act)


def _end(root: pulumi.Resource | None, *, is_failing: bool) -> None:
    if root is None or is_failing:
        return
    _HAS_RUN.add(root)
    for act in _WAITING.get(root, []):
        act()
