"""A Pulumi project's file: where it is, and what it says. Must not know what it is read for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["find_project", "read_project"]

_NAMES = ("Pulumi.yaml", "Pulumi.yml")
_REQUIRED = ("name", "runtime")


def find_project(folder: Path) -> Path | None:
    """Return the project's file, from here or from above, as the CLI looks for it."""
    here = folder.absolute()
    files = (level / name for level in (here, *here.parents) for name in _NAMES)
    return next((file for file in files if file.is_file()), None)


def read_project(path: Path) -> Mapping[str, Any]:
    """Return what the file says; ValueError, on one line, where the CLI could not use it."""
    try:
        project = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not UTF-8") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{path.name} is no YAML{_where(error)}") from None
    if not isinstance(project, dict):
        raise ValueError(f"{path.name} is no map of keys and values")  # noqa: TRY004 - one kind of error for all
    if missing := [name for name in _REQUIRED if not project.get(name)]:
        raise ValueError(f"{path.name} lacks {' and '.join(missing)}")
    return project


def _where(error: Exception) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    place = f", line {mark.line + 1}" if mark else ""
    return f"{place}: {escaped(str(problem), 200)}" if problem else place
