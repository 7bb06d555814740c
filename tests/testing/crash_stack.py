"""A stack whose provider stops at a given point, and an engine that can be killed while it stands there."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.files import StateFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.testing.engine import Launcher
    from pulumi_conduit.testing.engine.states import Snapshot, State

PROGRAM = Path(__file__).parent / "crash_program"
_PATIENCE_S = 60.0
_CHILDREN_END_WITHIN_S = 2.0


@dataclass(frozen=True)
class CrashStack:
    """One stack in a folder: its state, and the world of its provider."""

    folder: Path
    launcher: Launcher

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / "state.json"

    def world(self) -> dict[str, dict]:
        """Return every existing object by its key."""
        files = (path for path in (self.folder / "world").iterdir() if not path.name.startswith("."))
        return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in files}

    def run(self, operation: str, version: int) -> tuple[int, str]:
        """Run an operation to its end; return the engine's exit code and what it said."""
        return asyncio.run(self._run(operation, version))

    def kill_at(self, point: str, operation: str, version: int, **environ: str) -> None:
        """Run an operation, and kill its engine when the provider has come to a point."""
        code, _ = asyncio.run(self._run(operation, version, BLOCK=point, **environ))
        assert -signal.SIGKILL == code

    def kill_provider_at(self, point: str, operation: str, version: int) -> tuple[int, str]:
        """Run an operation, and kill its provider when it has come to a point."""
        return asyncio.run(self._run(operation, version, BLOCK=point, VICTIM="provider"))

    async def _run(self, operation: str, version: int, **variables: str) -> tuple[int, str]:
        (self.folder / "world").mkdir(exist_ok=True)
        environ = {**os.environ, "WORLD": str(self.folder / "world"), "VERSION": str(version), **variables}
        arguments = [operation, str(PROGRAM), str(self.state)]
        child = await self.launcher.start("crash_engine", arguments, cwd=Path(__file__).parent, environ=environ)
        said: list[str] = []
        child.listen(said.append)
        if "BLOCK" in variables:
            provider = await self._reached(child.exit_code, said)
            os.kill(provider if variables.get("VICTIM") else child.pid, signal.SIGKILL)
        code = await child.ended()
        os.close(child.stdin)
        child.stdout.close()
        child.stderr.close()
        return code, "\n".join(said)

    async def _reached(self, ended: asyncio.Future[int], said: list[str]) -> int:
        """Return the process id of the provider that is at the point."""
        deadline = time.monotonic() + _PATIENCE_S
        while not (self.folder / "reached").exists():
            assert not ended.done(), "\n".join(["the engine ended before", *said])
            assert time.monotonic() < deadline, "the engine never came to this point"
            await asyncio.sleep(0.002)
        return int((self.folder / "reached").read_text(encoding="utf-8"))

    def wait_for_children(self) -> None:
        """Wait until the processes of the program and the provider have ended by themselves."""
        with (self.folder / "alive").open("w") as alive:
            deadline = time.monotonic() + _CHILDREN_END_WITHIN_S
            while not _is_free(alive.fileno()):
                assert time.monotonic() < deadline, "a child outlived its engine"
                time.sleep(0.002)

    def load(self) -> Snapshot:
        """Return the state as the next operation would find it."""
        file = StateFile(self.state)
        try:
            return file.load()
        finally:
            file.close()


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def known_keys(snapshot: Snapshot) -> set[str]:
    """Return the keys of all objects that the state knows to be there, or may be there."""
    pending = [state for _, state in (*snapshot.pending(), *snapshot.inherited_pending)]
    return {state.inputs["key"] for state in (*snapshot.resources(), *pending) if "key" in state.inputs}


def disorder(resources: list[State]) -> Iterator[str]:
    """Say of each resource what it needs and does not stand before it."""
    seen: set[str] = set()
    for state in resources:
        needs = {*state.relations(), *filter(None, (state.parent, state.provider.rpartition("::")[0]))}
        yield from (f"{state.urn} stands before {urn}" for urn in needs - seen)
        seen.add(state.urn)
