"""Recordings: what the real CLI did, one readable file per scenario, byte for byte the same when nothing changed.

How a program ends, and what it registers after an error, is its SDK's choice. Such a scenario has a recording
for each choice, in a folder named after the first SDK that made it; the others have one for all.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from packaging.version import Version

_FOLDER = Path(__file__).parent.parent / "recordings"
_SINCE = "since-"
_LISTS = ("plan", "calls", "resources", "pending", "disorder")


def files() -> list[Path]:
    """Return all recordings."""
    return sorted(_FOLDER.rglob("*.json"))


def recorded_names() -> list[str]:
    """Return the names of the scenarios that are recorded."""
    return sorted({file.stem for file in files()})


def file_of(name: str) -> Path:
    """Return the file a scenario is recorded in, for the SDK that is installed."""
    installed = Version(version("pulumi"))
    since = {Version(file.parent.name.removeprefix(_SINCE)): file for file in _FOLDER.glob(f"{_SINCE}*/{name}.json")}
    return since[max(one for one in since if one <= installed)] if since else _FOLDER / f"{name}.json"


def load(name: str) -> list[dict[str, Any]]:
    """Return what was recorded of each step of a scenario."""
    steps: list[dict[str, Any]] = json.loads(file_of(name).read_text(encoding="utf-8"))["steps"]
    return steps


def save(name: str, sentence: str, versions: dict[str, str], steps: list[dict[str, Any]]) -> None:
    """Write a recording."""
    head = {"scenario": name, "sentence": sentence, **versions}
    lines = [f" {_line(key)}: {_line(value)}," for key, value in head.items()]
    body = ",\n".join(_step(step) for step in steps)
    text = "\n".join(["{", *lines, ' "steps": [', body, " ]", "}", ""])
    file_of(name).write_text(text, encoding="utf-8")


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
