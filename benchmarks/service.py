"""The sandbox as a child process, with its log of requests, and a latency that costs no CPU: each request sleeps."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["Service"]

_COMMAND = "from pulumi_conduit.cli import main; main()"
_STARTS_WITHIN_S = 60
_TIMEOUT_S = 60


class Service:
    """A running sandbox, driven by its operator's HTTP; `with` ends it."""

    def __init__(self, folder: Path) -> None:
        """Start it, and wait until it is up."""
        ready = folder / "sandbox.json"
        options = ["sandbox", "--port", "0", "--ready-file", str(ready)]
        self._process = subprocess.Popen([sys.executable, "-c", _COMMAND, *options], stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        self.environ: dict[str, str] = self._settings(ready)
        self._admin = f"{self.environ['CONDUIT_LINK_URL']}/_sandbox"

    def __enter__(self) -> Service:  # noqa: PYI034 - Self is not in typing before 3.11
        """Return the running sandbox."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def reset(self, latency_ms: float) -> None:
        """Empty it, and let every request to the APIs take at least so long."""
        self._call("POST", "/reset")
        self._call("PATCH", "/switches", {"latency_s": latency_ms / 1000})

    def forget_requests(self) -> None:
        """Empty the log of requests."""
        self._call("DELETE", "/requests")

    def counts(self) -> dict[str, int]:
        """Return how often each route was asked for since the log was emptied."""
        counts: dict[str, int] = self._call("GET", "/counts")
        return counts

    def state(self) -> dict[str, Any]:
        """Return all that it holds."""
        state: dict[str, Any] = self._call("GET", "/state")
        return state

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self._admin}{path}", json=body, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _settings(self, ready: Path) -> dict[str, str]:
        give_up = time.monotonic() + _STARTS_WITHIN_S
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)
        settings: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
        return settings
