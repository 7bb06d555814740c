"""The engine's child processes: how they start, how what they print is heard, how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Child", "Launcher", "Spawning"]

_LONGEST_LINE = 64 * 1024
_CHUNK = 64 * 1024
_ENDS_WITHIN_S = 5.0
_LAST_WORDS_WITHIN_S = 2.0  # a process that it has left behind may hold its output open for ever


@dataclass
class Pipe:
    """The end of a pipe that is read."""

    stream: asyncio.StreamReader
    close: Callable[[], None]

    @classmethod
    async def open(cls, descriptor: int) -> Pipe:
        """Read from a descriptor, and own it."""
        stream = asyncio.StreamReader(limit=_LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(stream)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb"))
        return cls(stream, transport.close)


@dataclass
class Child:
    """A running child. It lives no longer than the pipe to its standard input."""

    pid: int
    stdin: int
    stdout: Pipe
    stderr: Pipe
    exit_code: asyncio.Future[int]
    _listeners: list[asyncio.Task[None]] = field(default_factory=list)

    async def first_line(self) -> str:
        """Return the first line that it prints, or nothing if it ends without one."""
        return (await self.stdout.stream.readline()).decode().strip()

    def listen(self, hear: Callable[[str], None]) -> None:
        """Hand on every line that it prints."""
        for pipe in (self.stdout, self.stderr):
            self._listeners.append(asyncio.create_task(_hear(pipe.stream, hear)))

    async def ended(self) -> int:
        """Wait for its end, and return its exit code once all that it printed is heard."""
        code = await asyncio.shield(self.exit_code)
        if self._listeners:
            _, still_open = await asyncio.wait(self._listeners, timeout=_LAST_WORDS_WITHIN_S)
            for listener in still_open:
                listener.cancel()
        return code

    async def end(self) -> None:
        """Let go of it, and see to it that it ends."""
        os.close(self.stdin)
        try:
            await asyncio.wait_for(asyncio.shield(self.exit_code), _ENDS_WITHIN_S)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        await self.ended()
        self.stdout.close()
        self.stderr.close()


class Launcher(Protocol):
    """A way to start children."""

    async def start(self, module: str, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Child:
        """Run a module in an interpreter like this one; `environ` is all of its environment."""


class Spawning:
    """Starts every child from scratch."""

    def close(self) -> None:
        """Do nothing: it holds nothing."""

    async def start(self, module: str, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Child:
        """Run a module in a new interpreter."""
        pipes = Pipes()
        command = [sys.executable, "-u", "-m", module, *arguments]
        stdin, stdout, stderr = pipes.theirs
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - it returns at once; the modules are ours
            command,
            cwd=cwd,
            env=dict(environ),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,  # a Ctrl-C is the engine's: a provider must come to the end of its call
        )
        exit_code = asyncio.get_running_loop().run_in_executor(None, process.wait)
        return await pipes.child(process.pid, exit_code)


class Pipes:
    """The pipes to a child's standard streams."""

    def __init__(self) -> None:
        """Make them; the child's ends are inherited only where they are handed over."""
        their_stdin, self._stdin = os.pipe()
        self._stdout, their_stdout = os.pipe()
        self._stderr, their_stderr = os.pipe()
        self.theirs = (their_stdin, their_stdout, their_stderr)

    async def child(self, pid: int, exit_code: asyncio.Future[int]) -> Child:
        """Return the child that now has the other ends."""
        for descriptor in self.theirs:
            os.close(descriptor)
        return Child(pid, self._stdin, await Pipe.open(self._stdout), await Pipe.open(self._stderr), exit_code)


async def _hear(stream: asyncio.StreamReader, hear: Callable[[str], None]) -> None:
    rest = b""
    while chunk := await stream.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            hear(line.decode(errors="replace"))
    if rest:
        hear(rest.decode(errors="replace"))
