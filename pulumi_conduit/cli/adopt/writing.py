"""Files that appear whole or not at all, and never in place of others unless that is wanted.

A link stays one: the file that it leads to is written, with the rights that it has.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["refuse_existing", "write_whole"]


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise RefusedError for every file that is there already."""
    there = [
        f"{escaped(str(path))}: is there already; give another name, or --force" for path in paths if path.exists()
    ]
    if there:
        raise RefusedError("\n".join(there))


def write_whole(texts: Mapping[Path, str]) -> None:
    """Write all files beside their places first, and then put each into its place; OSError leaves no draft behind."""
    targets = {path.resolve(): text for path, text in texts.items()}
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in targets}
    try:
        for path, text in targets.items():
            drafts[path].write_text(text, encoding="utf-8", newline="\n")
            if path.exists():
                shutil.copymode(path, drafts[path])
        for path, draft in drafts.items():
            draft.replace(path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
