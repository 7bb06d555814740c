"""JSON that every reader understands alike: no NaN, no Infinity, and no name twice in one object.

Must not know what it is about. Readers disagree over which of two equal names counts, so no answer may rest on one.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["NOT_JSON", "decode_json"]

NOT_JSON = object()
"""What a body says that is no such JSON."""


def decode_json(body: bytes) -> object:
    """Return what a body says, or NOT_JSON."""
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NOT_JSON


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return content


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
