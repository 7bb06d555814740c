"""Lets Python look for reference cycles after 50,000 new objects, not after 700, while a program runs.

Nearly all that a program makes stays until it ends, and is looked through each time.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_THRESHOLD = 50_000
_DEFAULTS = frozenset({(700, 10, 10), (2000, 10, 10)})  # to Python 3.12, and of 3.13


def fits() -> bool:
    """Return whether Python collects garbage as it does by default; what a program has set is left alone."""
    is_known = sys.implementation.name == "cpython" and sys.version_info < (3, 14)  # it collects in another way since
    return is_known and gc.isenabled() and gc.get_threshold() in _DEFAULTS


def install(program: Any) -> None:
    """Set the threshold until the program ends, unless the program sets another one meanwhile."""
    found = gc.get_threshold()
    ours = (_THRESHOLD, *found[1:])
    gc.set_threshold(*ours)
    program.task.add_done_callback(lambda _: _restore(found, ours))


def _restore(found: tuple[int, int, int], ours: tuple[int, int, int]) -> None:
    if gc.get_threshold() == ours:
        gc.set_threshold(*found)
