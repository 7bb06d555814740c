"""The Pulumi CLI as a command to ask; it changes nothing here.

Must not show what it prints: a config and an export hold what the stack holds. Its complaints go into one line.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["INSTALL", "LEAST_CLI", "pulumi", "stack_export"]

LEAST_CLI = (3, 216)
"""The first version of the CLI that this package is made for."""
INSTALL = "https://www.pulumi.com/docs/install/"

_TIMEOUT_S = 60  # a backend may be on the other side of the world, and a passphrase is slow to derive
_LONGEST = 300
_FILES = "give files that `pulumi stack export` has written"


def pulumi(*arguments: str, folder: Path, what: str, instead: str) -> str:
    """Return what a command of the CLI prints in a project's folder.

    `what` names in an error what could not be had, `instead` says what to do where there is no CLI.
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
