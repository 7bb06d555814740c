"""Starts children by forking an interpreter that is warm already; see `children.nursery` for the other side."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from pulumi_conduit.testing.children.fork_server import ALONE
from pulumi_conduit.testing.engine.processes import Child, Pipe, Pipes, Spawning
from pulumi_conduit.testing.engine.results import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Nursery", "warm_launcher"]

_MODULE = "pulumi_conduit.testing.children.fork_server"


def warm_launcher(*preload: str) -> Nursery | Spawning:
    """Return a nursery where forking is safe, else what starts every child from scratch.

    It is safe on Linux, with an SDK that starts no threads when it is loaded; 3.216 does, 3.260 does not.
    """
    if sys.platform != "linux":
        return Spawning()
    nursery = Nursery(*preload)
    if nursery.is_alone():
        return nursery
    nursery.close()
    return Spawning()


class Nursery:
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
        except OSError as error:  # it is gone, or the environment is beyond what one message holds
            raise EngineError(f"the warm interpreter takes no request: {error}") from None
        finally:
            os.close(theirs)
        reports = await Pipe.open(report)
        pid = await reports.stream.readline()
        if not pid:
            raise EngineError("the warm interpreter has ended; see what it printed")
        return await pipes.child(int(pid), asyncio.ensure_future(_exit_code(reports)))

    def is_alone(self) -> bool:
        """Wait until it is warm, and tell whether it has but one thread; to be asked once."""
        return self._control.recv(64) == ALONE

    def close(self) -> None:
        """End it; children that still run are not touched."""
        self._control.close()
        self._process.wait()


async def _exit_code(reports: Pipe) -> int:
    line = await reports.stream.readline()
    reports.close()
    return int(line) if line else -1
