"""The Pulumi project and its CLI, asked for what they know: Pulumi.yaml, its folders, and the export of a stack."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "INSTALL",
    "LEAST_CLI",
    "find_project",
    "given_options",
    "program_folder",
    "pulumi",
    "read_project",
    "stack_config_file",
    "stack_config_folder",
    "stack_export",
]

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


def given_options(stack: str | None, folder: Path) -> str:
    """Return the options that name a stack and a folder, for the end of a command that the user is to run."""
    of_stack = f" --stack {shlex.quote(stack)}" if stack else ""
    return of_stack + (f" --cwd {shlex.quote(str(folder))}" if folder != Path() else "")


_NAMES = ("Pulumi.json", "Pulumi.yaml", "Pulumi.yml")  # the order of the CLI
_REQUIRED = ("name", "runtime")


def find_project(folder: Path) -> Path | None:
    """Return the project's file, from here or from above, as the CLI looks for it."""
    here = folder.absolute()
    files = (level / name for level in (here, *here.parents) for name in _NAMES)
    return next((file for file in files if file.is_file()), None)


def read_project(path: Path) -> Mapping[str, Any]:
    """Return the parsed file; ValueError, on one line, if the CLI could not use it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        project = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} is not JSON, line {error.lineno}: {error.msg}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that does not exist is a ValueError
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


def program_folder(folder: Path) -> Path:
    """Return the folder of a project's program; ConduitError if the project's file cannot be read."""
    return folder / (_named(folder, "main") or "")


def stack_config_folder(folder: Path) -> Path:
    """Return the folder of the stacks' config files; ConduitError if the project's file cannot be read."""
    # `config` is its former name. The CLI joins the two paths, also where the second begins with a slash.
    return folder / (_named(folder, "stackConfigDir", "config") or "").lstrip("/")


def stack_config_file(folder: Path, stack: str) -> Path:
    """Return a stack's config file, whose suffix is that of the project's file."""
    project = find_project(folder)
    suffix = project.suffix if project else ".yaml"
    return stack_config_folder(folder) / f"Pulumi.{stack.rpartition('/')[2]}{suffix}"


def _named(folder: Path, *keys: str) -> str | None:
    """Return the path that the project's file names under the first of the keys that has a text."""
    file = find_project(folder)
    try:
        project = read_project(file) if file else {}
    except ValueError as error:
        raise ConduitError(f"{error}; fix it: it names the folders of the program and of the stacks' config") from None
    return next((project[key] for key in keys if isinstance(project.get(key), str)), None)
