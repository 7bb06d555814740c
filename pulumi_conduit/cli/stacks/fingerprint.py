"""A fingerprint of a run: an equal one means that the same operation would run again.

It covers the project's folder and the targets of its links, the program's folder, the stacks' config, the package
version, URLs and routes, and the split of the roster; not files that a program reads from other folders, and not
secrets.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_conduit import __version__
from pulumi_conduit.cli.pulumi_project import program_folder, stack_config_folder
from pulumi_conduit.errors import ConduitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["fingerprint"]

_LEADING = (
    "CONDUCTOR_ROUTES",
    "CONDUCTOR_URL",
    "CONDUCTOR_USERNAME",
    "CONDUIT_LINK_URL",
    "CONDUIT_ALLOW_MOVE",
    "PULUMI_BACKEND_URL",
)
_ROUTES = "CONDUCTOR_ROUTES"
_TOOLS = {".git", ".hg", ".svn", ".pulumi", "__pycache__", "node_modules", "site-packages"}
"""Folders that tools write themselves."""
_MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files that mark a virtual environment or a cache."""
_MOST_FILES = 100_000
_MOST_BYTES = 2 * 1024**3
_CHUNK = 1024**2


class _TooMuchError(Exception):
    """A link leads to more files than can be compared."""


def fingerprint(folder: Path, operation: str, split: str, environ: Mapping[str, str]) -> str:
    """Return the fingerprint; a unique one if a file cannot be read, so that nothing counts as done."""
    leading = sorted((name, value) for name, value in environ.items() if name.startswith(_LEADING))
    about = [operation, split, __version__, version("pulumi"), leading]
    found = _Digest(json.dumps(about))
    try:
        for root in _roots(folder):
            found.add_folder(root)
        for file in sorted(stack_config_folder(folder).glob("Pulumi.*.*")):  # it may be outside the project
            found.add_file(file.name, file)
        for name, value in leading:
            if name.startswith(_ROUTES) and Path(value).is_file():
                found.add_file(value, Path(value))
    except (OSError, ConduitError, _TooMuchError):
        return secrets.token_hex(12)
    return found.text()


def _roots(folder: Path) -> Iterator[Path]:
    """Yield the project's folder, and its program's if that is outside it."""
    yield folder
    program = program_folder(folder)
    if not program.resolve().is_relative_to(folder.resolve()):
        yield program


class _Digest:
    """A digest of files, in an order independent of the file system."""

    def __init__(self, about: str) -> None:
        self._digest = hashlib.sha256(about.encode())
        self._files, self._bytes = 0, 0
        self._seen: set[Path] = set()

    def text(self) -> str:
        return self._digest.hexdigest()[:24]

    def add_folder(self, folder: Path) -> None:
        """Add all files below a folder; the target of several links is read once."""
        real = folder.resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            name = str(path.relative_to(folder))
            if path.is_symlink():
                self._update([name, os.readlink(path)])  # noqa: PTH115 - the text as it stands
            if path.is_dir() and not _is_tool_folder(path):
                self._update([name])
                self.add_folder(path)
            elif path.is_file():
                self.add_file(name, path)

    def add_file(self, name: str, path: Path) -> None:
        """Add a file's name, size and content."""
        size = path.stat().st_size
        self._files, self._bytes = self._files + 1, self._bytes + size
        if self._files > _MOST_FILES or self._bytes > _MOST_BYTES:
            raise _TooMuchError
        self._update([name, size])
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self._digest.update(chunk)

    def _update(self, what: list[Any]) -> None:
        self._digest.update(json.dumps(what).encode())


def _is_tool_folder(folder: Path) -> bool:
    return folder.name in _TOOLS or any((folder / mark).is_file() for mark in _MARKS)
