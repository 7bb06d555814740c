"""The `--target` and `--exclude` options of the running CLI, read from the command line of an ancestor process.

The engine passes them to neither program nor provider. If the command line cannot be read, nothing is excluded.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Selection", "selection"]

_GENERATIONS = 8
_TIMEOUT_S = 10
_WITH_VALUE = {"--target": "target", "-t": "target", "--target-replace": "target", "--exclude": "exclude"}


class Selection(NamedTuple):
    """The selected URNs, with the wildcards `**` for anything and `*` for a part of a name."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    has_dependents: bool = False

    def leaves_out(self, urn: str) -> bool:
        """Return whether the engine excludes a resource."""
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
        found[_WITH_VALUE[name]].append(value)
    dependents = ("--target-dependents", "--target-dependents=true")
    return Selection(tuple(found["target"]), tuple(found["exclude"]), any(one in words for one in dependents))


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, is_given, value = word.partition("=")
        if name in _WITH_VALUE:
            yield name, value if is_given else following
        elif word.startswith("-t") and not word.startswith("--"):
            yield "-t", word[2:]


def _matches(pattern: str, urn: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^:]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), urn) is not None
