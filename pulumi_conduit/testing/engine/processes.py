"""The engine's child processes: how they start, how what they print is heard, how they end."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Child", "start"]

_LONGEST_LINE = 4 * 1024 * 1024
_ENDS_WITHIN_S = 5.0


@dataclass
class Child:
    """A running child. It lives no longer than the pipe to its standard input."""

    process: asyncio.subprocess.Process
    _listeners: list[asyncio.Task[None]]

    async def first_line(self) -> str:
        """Return the first line that it prints, or nothing if it ends without one."""
        return (await self._streams()[0].readline()).decode().strip()

    def listen(self, hear: Callable[[str], None]) -> None:
        """Hand on every line that it prints."""
        for stream in self._streams():
            self._listeners.append(asyncio.create_task(_hear(stream, hear)))

    def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamReader]:
        return cast("asyncio.StreamReader", self.process.stdout), cast("asyncio.StreamReader", self.process.stderr)

    async def ended(self) -> int:
        """Wait for its end, and return its exit code once all that it printed is heard."""
        code = await self.process.wait()
        await asyncio.gather(*self._listeners)
        return code

    async def end(self) -> None:
        """Let go of it, and see to it that it ends."""
        if self.process.returncode is None and self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), _ENDS_WITHIN_S)
        except asyncio.TimeoutError:
            self.process.kill()
        await self.ended()


async def start(module: str, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Child:
    """Run a module in an interpreter like this one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-m",
        module,
        *arguments,
        cwd=cwd,
        env={**os.environ, **environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    return Child(process, [])


async def _hear(stream: asyncio.StreamReader, hear: Callable[[str], None]) -> None:
    while line := await stream.readline():
        hear(line.decode(errors="replace").rstrip("\n"))
