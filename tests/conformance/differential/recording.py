"""Recordings: what the real CLI did, one readable file per scenario, byte for byte the same when nothing changed."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "recordings"
_LISTS = ("plan", "calls", "resources", "pending", "disorder")


def file_of(name: str) -> Path:
    """Return the file a scenario is recorded in."""
    return _FOLDER / f"{name}.json"


def recorded_names() -> list[str]:
    """Return the names of all recordings."""
    return sorted(file.stem for file in _FOLDER.glob("*.json"))


def load(name: str) -> list[dict[str, Any]]:
    """Return what was recorded of each step of a scenario."""
    steps: list[dict[str, Any]] = _read(name)["steps"]
    return steps


def sdk_of(name: str) -> str:
    """Return the version of the SDK that a scenario was recorded with."""
    sdk: str = _read(name)["sdk"]
    return sdk


def save(name: str, sentence: str, versions: dict[str, str], steps: list[dict[str, Any]]) -> None:
    """Write a recording."""
    head = {"scenario": name, "sentence": sentence, **versions}
    lines = [f" {_line(key)}: {_line(value)}," for key, value in head.items()]
    body = ",\n".join(_step(step) for step in steps)
    text = "\n".join(["{", *lines, ' "steps": [', body, " ]", "}", ""])
    file_of(name).write_text(text, encoding="utf-8")


def _read(name: str) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(file_of(name).read_text(encoding="utf-8"))
    return recorded


def _step(step: dict[str, Any]) -> str:
    """Return one step with a line for each call and each resource, for that is what a reader compares."""
    parts = [f"   {_line(key)}: {_list(value) if key in _LISTS else _line(value)}" for key, value in step.items()]
    return "  {\n" + ",\n".join(parts) + "\n  }"


def _list(values: list[Any]) -> str:
    if not values:
        return "[]"
    return "[\n" + ",\n".join(f"    {_line(value)}" for value in values) + "\n   ]"


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
