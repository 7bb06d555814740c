"""What a run was about, as a short text: whoever has the same one would do the same again.

It covers the folder of the project, the package, where things lead to, and how the roster is split. What a program
reads from outside of its folder is not in it. Secrets are not in it, either.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["fingerprint"]

_LEADING = (
    "CONDUCTOR_ROUTES",
    "CONDUCTOR_URL",
    "CONDUCTOR_USERNAME",
    "CONDUIT_LINK_URL",
    "CONDUIT_ALLOW_MOVE",
    "PULUMI_BACKEND_URL",
)
_NOT_THE_USERS = {"__pycache__", "node_modules", "site-packages"}


def fingerprint(folder: Path, operation: str, split: str, environ: Mapping[str, str]) -> str:
    """Return the text."""
    leading = sorted((name, value) for name, value in environ.items() if name.startswith(_LEADING))
    about = [operation, split, version("pulumi-conduit"), version("pulumi"), leading]
    digest = hashlib.sha256(json.dumps(about).encode())
    for path in sorted(_files(folder)):
        digest.update(json.dumps([str(path.relative_to(folder)), path.stat().st_size]).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _NOT_THE_USERS or (path / "pyvenv.cfg").exists():
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path
