"""Strict JSON: no NaN, no Infinity, and no duplicate key in one object.

Must not know the schema. Parsers disagree over which of two equal keys counts, so such a body is rejected.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["NOT_JSON", "decode_json"]

NOT_JSON = object()
"""The result for a body that is not strict JSON."""


def decode_json(body: bytes) -> object:
    """Return the decoded body, or NOT_JSON."""
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NOT_JSON


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("duplicate key")
    return content


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")
