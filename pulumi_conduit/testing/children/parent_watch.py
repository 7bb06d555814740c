"""Ends a child when the engine is gone, however it went: the engine holds the other end of its standard input."""

from __future__ import annotations

import os
import sys
import threading

__all__ = ["tie"]


def tie() -> None:
    """End this process at once when its standard input ends."""
    watched = os.dup(0)
    # The program may read its own standard input, which is empty, as under the CLI.
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for the life of the process
    threading.Thread(target=_wait, args=(watched,), daemon=True).start()


def _wait(watched: int) -> None:
    while os.read(watched, 1024):
        pass
    os._exit(1)
