"""The documented schemas of what commands print under `--json`, by which tests judge real output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

__all__ = ["FOLDER", "errors", "schema"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"


def schema(command: str) -> dict[str, Any]:
    """Return the schema of a command, as it is documented."""
    return json.loads((FOLDER / f"{command}.schema.json").read_text(encoding="utf-8"))


def errors(command: str, data: Any) -> list[str]:
    """Return what contradicts the schema of a command: a key that is not documented is an error, too."""
    return [error.message for error in jsonschema_rs.validator_for(_closed(schema(command))).iter_errors(data)]


def _closed(part: Any) -> Any:
    # Users may meet a newer version with more keys, so the documented schemas are open.
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {key: _closed(one) for key, one in part.items()}
    is_object = part.get("type") == "object" and "properties" in part
    return {"additionalProperties": False, **closed} if is_object else closed
