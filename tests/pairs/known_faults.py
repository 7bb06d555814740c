"""Cells that do not yet come to what the table says, by the fault to be mended: strict, so that none outlives it."""

from __future__ import annotations

__all__ = ["KNOWN_TO_FAIL"]

KNOWN_TO_FAIL: dict[tuple[str, str], str] = {}
