"""What a run was about, as a short text: whoever has the same one would do the same again.

It covers the folder of the project with what its links lead to, the folder of its program, the package, where things
lead to, and how the roster is split. What a program reads from elsewhere is not in it. Secrets are not in it, either.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.pulumi_project import named_in_project

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
"""Folders that tools keep for themselves, and change by themselves."""
_MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""What says that a folder is a virtual environment or a cache."""
_MOST_FILES = 100_000
_MOST_BYTES = 2 * 1024**3
_CHUNK = 1024**2


class _TooMuchError(Exception):
    """A link leads to more than can be compared."""


def fingerprint(folder: Path, operation: str, split: str, environ: Mapping[str, str]) -> str:
    """Return the text; one that no other run has where not everything can be read: then nothing counts as done."""
    leading = sorted((name, value) for name, value in environ.items() if name.startswith(_LEADING))
    about = [operation, split, version("pulumi-conduit"), version("pulumi"), leading]
    found = _Digest(json.dumps(about))
    try:
        for root in _roots(folder):
            found.add_folder(root)
        for name, value in leading:
            if name.startswith(_ROUTES) and Path(value).is_file():
                found.add_file(value, Path(value))
    except (OSError, _TooMuchError):
        return secrets.token_hex(12)
    return found.text()


def _roots(folder: Path) -> Iterator[Path]:
    """Yield the project's folder, and its program's where `main` leads out of it."""
    yield folder
    main = named_in_project(folder, "main")
    if main is not None and not (folder / main).resolve().is_relative_to(folder.resolve()):
        yield folder / main


class _Digest:
    """Everything that was read, in an order that no file system decides."""

    def __init__(self, about: str) -> None:
        self._digest = hashlib.sha256(about.encode())
        self._files, self._bytes = 0, 0
        self._seen: set[Path] = set()

    def text(self) -> str:
        return self._digest.hexdigest()[:24]

    def add_folder(self, folder: Path) -> None:
        """Add all files below a folder; one that several links lead to is read once."""
        real = folder.resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            name = str(path.relative_to(folder))
            if path.is_symlink():
                self._note([name, os.readlink(path)])  # noqa: PTH115 - the text as it stands
            if path.is_dir() and not _is_a_tools(path):
                self._note([name])
                self.add_folder(path)
            elif path.is_file():
                self.add_file(name, path)

    def add_file(self, name: str, path: Path) -> None:
        """Add a file's name, size and content."""
        size = path.stat().st_size
        self._files, self._bytes = self._files + 1, self._bytes + size
        if self._files > _MOST_FILES or self._bytes > _MOST_BYTES:
            raise _TooMuchError
        self._note([name, size])
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self._digest.update(chunk)

    def _note(self, what: list[Any]) -> None:
        self._digest.update(json.dumps(what).encode())


def _is_a_tools(folder: Path) -> bool:
    return folder.name in _TOOLS or any((folder / mark).is_file() for mark in _MARKS)
