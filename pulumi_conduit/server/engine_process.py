"""The engine's process, as the provider process needs it: the options of its command line, and its end.

The engine passes `--target` and `--exclude` to neither program nor provider, so they are read from the command line of
an ancestor process. If it cannot be read, nothing is excluded.

A killed engine would leave the provider process running. Its parent process is no indication, because a shell is
between. So the engine's address, an argument of the server, is connected to every second. Calls in progress finish
first.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pulumi_conduit.sdk_internals import server_engine_address

__all__ = ["CallCounter", "Selection", "end_with_engine", "selection"]

_GENERATIONS = 8
_TIMEOUT_S = 10
_WITH_VALUE = {"--target": "target", "--target-replace": "target", "--exclude": "exclude"}
_SHORT = {"t": "target", "x": "exclude"}
# After flags without a value, in one word: `-yft <URN>`.
_CLUSTER = re.compile(r"-[defhjQry]*([tx])=?(.*)", re.DOTALL)


class Selection(NamedTuple):
    """The selected URNs, with the wildcards `**` for anything and `*` for a part of a name."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    has_dependents: bool = False
    excludes_dependents: bool = False

    def leaves_out(self, urn: str) -> bool:
        """Return whether the engine excludes a resource; what depends on an excluded one is not known here."""
        if self.excludes and self.excludes_dependents:
            return True
        is_targeted = not self.targets or self.has_dependents or any(_matches(one, urn) for one in self.targets)
        return not is_targeted or any(_matches(one, urn) for one in self.excludes)


def selection() -> Selection:
    """Return the selection of the running CLI."""
    process = os.getppid()
    for _ in range(_GENERATIONS):
        if process <= 1:
            break
        process, words = _read_process(process)
        if words and Path(words[0]).name == "pulumi":
            return _parse_options(words[1:])
    return Selection()


def _read_process(process: int) -> tuple[int, list[str]]:
    """Return a process's parent, and its command line."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_text(errors="replace").split("\0")[:-1]
        status = Path(f"/proc/{process}/stat").read_text(errors="replace")
        return int(status.rpartition(")")[2].split()[1]), words
    except (OSError, ValueError, IndexError):
        return _read_process_by_ps(process)


def _read_process_by_ps(process: int) -> tuple[int, list[str]]:
    """Read them from `ps` on systems without /proc; it splits arguments at spaces."""
    command = ["ps", "-ww", "-o", "ppid=,args=", "-p", str(process)]
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True).stdout  # noqa: S603 - fixed words
        parent, *words = text.split()
        return int(parent), words
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0, []


def _parse_options(words: list[str]) -> Selection:
    found: dict[str, list[str]] = {"target": [], "exclude": []}
    for name, value in _options(words):
        found[name].append(value)
    return Selection(
        tuple(found["target"]),
        tuple(found["exclude"]),
        _is_on("--target-dependents", words),
        _is_on("--exclude-dependents", words),
    )


def _is_on(flag: str, words: list[str]) -> bool:
    return flag in words or f"{flag}=true" in words


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, is_given, value = word.partition("=")
        if name in _WITH_VALUE:
            yield _WITH_VALUE[name], value if is_given else following
        elif cluster := _CLUSTER.fullmatch(word):
            yield _SHORT[cluster[1]], cluster[2] or following


def _matches(pattern: str, urn: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^:]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), urn) is not None


_EVERY_S = 1.0
_CONNECT_TIMEOUT_S = 1.0
_MAX_REFUSED = 3  # one refused connection may be a full queue


class CallCounter:
    """The number of calls in progress."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a call while it is served."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1

    def is_idle(self) -> bool:
        """Return whether no call is in progress."""
        return self._count == 0


def end_with_engine(calls: CallCounter) -> None:
    """Watch the engine from now on; one that cannot be reached now is not watched."""
    host, _, port = server_engine_address().rpartition(":")
    if port.isdigit() and _can_connect(host, int(port)):
        threading.Thread(target=_watch, args=(host, int(port), calls), name="conduit-watchdog", daemon=True).start()


def _watch(host: str, port: int, calls: CallCounter) -> None:
    refused = 0
    while refused < _MAX_REFUSED or not calls.is_idle():
        time.sleep(_EVERY_S)
        refused = 0 if _can_connect(host, port) else refused + 1
    os._exit(0)


def _can_connect(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S):
            return True
    except (OSError, RuntimeError):  # RuntimeError: an audit hook may forbid it, as the test kit's does
        return False
