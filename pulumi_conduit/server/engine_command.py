"""Which part of the program the engine was told to take part in, by the command that this process descends from.

The engine tells neither program nor provider. A command that cannot be read has left nothing out.
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
    """What a command says of URNs, in which `**` stands for anything and `*` for a part of a name."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    has_dependents: bool = False

    def leaves_out(self, urn: str) -> bool:
        """Say whether the engine does not take part in a resource that depends on one that it was told."""
        is_targeted = not self.targets or self.has_dependents or any(_fits(one, urn) for one in self.targets)
        return not is_targeted or any(_fits(one, urn) for one in self.excludes)


def selection() -> Selection:
    """Return what the engine's command selects."""
    process = os.getppid()
    for _ in range(_GENERATIONS):
        if process <= 1:
            break
        process, words = _looked_up(process)
        if words and Path(words[0]).name == "pulumi":
            return _selected(words[1:])
    return Selection()


def _looked_up(process: int) -> tuple[int, list[str]]:
    """Return a process's parent, and the words of its command."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_text(errors="replace").split("\0")[:-1]
        status = Path(f"/proc/{process}/stat").read_text(errors="replace")
        return int(status.rpartition(")")[2].split()[1]), words
    except (OSError, ValueError, IndexError):
        return _listed(process)


def _listed(process: int) -> tuple[int, list[str]]:
    """Ask the system's own command, where there is no such file system: it parts words as they are seen."""
    command = ["ps", "-ww", "-o", "ppid=,args=", "-p", str(process)]
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True).stdout  # noqa: S603 - fixed words
        parent, *words = text.split()
        return int(parent), words
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0, []


def _selected(words: list[str]) -> Selection:
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


def _fits(pattern: str, urn: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^:]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), urn) is not None
