"""The Pulumi project and its CLI, asked for what they know: Pulumi.yaml, its folders, and the export of a stack."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["INSTALL", "LEAST_CLI", "find_project", "named_in_project", "pulumi", "read_project", "stack_export"]

LEAST_CLI = (3, 216)
"""The first version of the CLI that this package is made for."""
INSTALL = "https://www.pulumi.com/docs/install/"

_TIMEOUT_S = 60  # a backend may be on the other side of the world, and a passphrase is slow to derive
_LONGEST = 300
_FILES = "give files that `pulumi stack export` has written"


def pulumi(*arguments: str, folder: Path, what: str, instead: str) -> str:
    """Return what a command of the CLI prints in a project's folder.

    `what` names the result in an error, `instead` is the advice if there is no CLI.
    """
    if not shutil.which("pulumi"):
        raise ConduitError(f"{what}: there is no `pulumi` on PATH to read it; {instead}")
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and whatever a user named is one argument
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConduitError(f"`pulumi {arguments[0]}` took more than {_TIMEOUT_S} s; look at the backend") from None
    if done.returncode:
        why = escaped(" ".join(done.stderr.split()).removeprefix("error: "), _LONGEST)
        raise ConduitError(f"{what} cannot be read: {why}")
    return done.stdout


def stack_export(stack: str | None, folder: Path, instead: str = _FILES) -> str:
    """Return the deployment of a stack, or of the selected one, as JSON; its secrets stay encrypted."""
    what = f"stack {escaped(stack, 80)}: its export" if stack else "the selected stack"
    named = [f"--stack={stack}"] if stack else []
    return pulumi("stack", "export", *named, folder=folder, what=what, instead=instead)


_NAMES = ("Pulumi.yaml", "Pulumi.yml")
_REQUIRED = ("name", "runtime")


def find_project(folder: Path) -> Path | None:
    """Return the project's file, from here or from above, as the CLI looks for it."""
    here = folder.absolute()
    files = (level / name for level in (here, *here.parents) for name in _NAMES)
    return next((file for file in files if file.is_file()), None)


def read_project(path: Path) -> Mapping[str, Any]:
    """Return the parsed file; ValueError, on one line, if the CLI could not use it."""
    try:
        project = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not UTF-8") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{path.name} is not YAML{_where(error)}") from None
    if not isinstance(project, dict):
        raise ValueError(f"{path.name} is not a map")  # noqa: TRY004 - one kind of error for all
    if missing := [name for name in _REQUIRED if not project.get(name)]:
        raise ValueError(f"{path.name} lacks {' and '.join(missing)}")
    return project


def _where(error: Exception) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    place = f", line {mark.line + 1}" if mark else ""
    return f"{place}: {escaped(str(problem), 200)}" if problem else place


def named_in_project(folder: Path, key: str) -> str | None:
    """Return the path that the file names under a key; None where it names none, or cannot be read."""
    try:
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    named = project.get(key) if isinstance(project, dict) else None
    return named if isinstance(named, str) else None
