"""The example provider's objects and faults as files, so that a test can change them behind the engine's back.

It is copied beside every program, so it must know nothing but the standard library.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote


class ObjectStore:
    """A folder with one file per existing object, per armed fault and per count of births."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, and make it when it is new."""
        self._folder = folder
        for workspace in ("objects", "faults", "births"):
            (folder / workspace).mkdir(parents=True, exist_ok=True)

    def look(self, key: str) -> dict[str, Any] | None:
        """Return an object, or None when it is gone."""
        file = self._file("objects", key)
        if not file.exists():
            return None
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Write an object."""
        self._file("objects", key).write_text(json.dumps(value), encoding="utf-8")

    def drop(self, key: str) -> None:
        """Remove an object; it may be gone already."""
        self._file("objects", key).unlink(missing_ok=True)

    def birth(self, key: str) -> str:
        """Return a serial that distinguishes all objects that ever had one key."""
        file = self._file("births", key)
        count = int(file.read_text(encoding="utf-8")) + 1 if file.exists() else 1
        file.write_text(str(count), encoding="utf-8")
        return f"{key}#{count}"

    def arm(self, verb: str, key: str) -> None:
        """Make a verb fail on one object until it is disarmed."""
        self._file("faults", f"{verb} {key}").touch()

    def disarm(self) -> None:
        """Let every verb succeed again."""
        for file in (self._folder / "faults").iterdir():
            file.unlink()

    def is_armed(self, verb: str, key: object) -> bool:
        """Say whether a verb must fail on one object."""
        return self._file("faults", f"{verb} {key}").exists()

    def _file(self, workspace: str, key: str) -> Path:
        return self._folder / workspace / quote(key, safe="")
