"""What a project's file names: folders, which may be anywhere. Knows nothing of stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["named_in_project"]


def named_in_project(folder: Path, key: str) -> str | None:
    """Return the path that the file names under a key; None where it names none, or cannot be read."""
    try:
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    named = project.get(key) if isinstance(project, dict) else None
    return named if isinstance(named, str) else None
