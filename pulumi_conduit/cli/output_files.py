"""The files that a command writes: none is overwritten unasked, and each is written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["refuse_existing", "write_atomically"]


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise RefusedError for every file that exists."""
    there = [f"{escaped(str(path))}: already exists; give another name, or --force" for path in paths if path.exists()]
    if there:
        raise RefusedError("\n".join(there))


def write_atomically(texts: Mapping[Path, str]) -> None:
    """Write all files to temporary names, then rename each; remove the temporary files on OSError."""
    drafts: dict[Path, Path] = {}
    try:
        for path, text in ((path.resolve(), text) for path, text in texts.items()):
            # Made anew under a name that nobody can foretell, so that no link that was put there is followed.
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            drafts[path] = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            drafts[path].chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        for path, draft in drafts.items():
            draft.replace(path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)  # it can only be read by setting it
    os.umask(mask)
    return mask
