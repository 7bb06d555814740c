"""The engine's child processes: started from scratch or forked from a loaded interpreter, read, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.testing.children.fork_server import ALONE
from pulumi_conduit.testing.engine.results import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Child", "ForkLauncher", "Launcher", "Spawning", "fork_launcher"]

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
    """A running child, which ends with the pipe to its standard input."""

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
        """Wait for its end, and return its exit code once all its output is read."""
        code = await asyncio.shield(self.exit_code)
        if self._listeners:
            _, still_open = await asyncio.wait(self._listeners, timeout=_LAST_WORDS_WITHIN_S)
            for listener in still_open:
                listener.cancel()
        return code

    async def end(self) -> None:
        """Close its pipes."""
        os.close(self.stdin)
        try:
            await asyncio.wait_for(asyncio.shield(self.exit_code), _ENDS_WITHIN_S)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # what it has started ends with it
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


_MODULE = "pulumi_conduit.testing.children.fork_server"


def fork_launcher(*preload: str) -> ForkLauncher | Spawning:
    """Return a launcher where forking is safe, else what starts every child from scratch.

    It is safe on Linux, with an SDK that starts no threads when it is loaded; 3.216 does, 3.260 does not.
    """
    if sys.platform != "linux":
        return Spawning()
    launcher = ForkLauncher(*preload)
    if launcher.is_alone():
        return launcher
    launcher.close()
    return Spawning()


class ForkLauncher:
    """A warm interpreter for many operations, on Linux. Close it, or let this process end."""

    def __init__(self, *preload: str) -> None:
        """Start it; it loads the SDK and the named modules, which must not be ones that a test edits."""
        # Requests must arrive in one piece, with the descriptors that belong to them.
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-u", "-m", _MODULE, str(theirs.fileno()), *preload]
        self._process = subprocess.Popen(  # noqa: S603 - a module of ours
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()

    async def start(self, module: str, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> Child:
        """Run a module in a fork."""
        pipes = Pipes()
        report, theirs = os.pipe()
        request = {"module": module, "arguments": list(arguments), "cwd": str(cwd), "environ": dict(environ)}
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], [*pipes.theirs, theirs])
        except OSError as error:  # it has ended, or the environment exceeds one message
            raise EngineError(f"the warm interpreter takes no request: {error}") from None
        finally:
            os.close(theirs)
        reports = await Pipe.open(report)
        pid = await reports.stream.readline()
        if not pid:
            raise EngineError("the warm interpreter has ended; see what it printed")
        return await pipes.child(int(pid), asyncio.ensure_future(_exit_code(reports)))

    def is_alone(self) -> bool:
        """Wait until it is loaded, and return whether it has one thread only; call it once."""
        return self._control.recv(64) == ALONE

    def close(self) -> None:
        """End it; children that still run are not touched."""
        self._control.close()
        self._process.wait()


async def _exit_code(reports: Pipe) -> int:
    line = await reports.stream.readline()
    reports.close()
    return int(line) if line else -1
