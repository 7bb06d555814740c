"""Knows which processes an engine has started, so that they can be killed, or seen to be gone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pulumi_conduit.testing.engine import Launcher
    from pulumi_conduit.testing.engine.processes import Child


@dataclass
class ProcessChecker:
    """Starts children as another launcher does, and writes their process ids into a folder."""

    launcher: Launcher
    folder: Path

    async def start(self, module: str, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Child:
        """Run a module in an interpreter like this one."""
        child = await self.launcher.start(module, arguments, cwd=cwd, environ=environ)
        (self.folder / f"{module.rpartition('.')[2]}.pid").write_text(str(child.pid), encoding="utf-8")
        return child

    def pid_of(self, name: str) -> int:
        """Return the process id of a child."""
        return int((self.folder / f"{name}.pid").read_text(encoding="utf-8"))

    def is_any_alive(self) -> bool:
        """Return whether a child is still there."""
        return any(_is_alive(int(file.read_text(encoding="utf-8"))) for file in self.folder.glob("*.pid"))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
