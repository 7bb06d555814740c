"""The files of a command: what it is given, as text, and what it writes.

Read is UTF-8 with or without a byte order mark, or one line why not. Written is whole or not at all, and nothing is
overwritten unasked.
"""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_conduit.errors import InvalidInputError, RefusedError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["decode", "read", "read_bytes", "refuse_existing", "write_atomically"]

_LONGEST = 400  # a message may name a path


def read(path: Path) -> str:
    """Return the text of a file.

    :raises InvalidInputError: where it cannot be read, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), error) from None
    return decode(data, f"'{escaped(str(path), _LONGEST)}'")


def read_bytes(name: str, most: int) -> bytes:
    """Return the first bytes of a file, or of standard input, whose name is `-`.

    :raises InvalidInputError: where it cannot be read.
    """
    try:
        with click.open_file(name, "rb") as stream:
            return bytes(stream.read(most))
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> InvalidInputError:
    # A NUL in a path is a ValueError.
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return InvalidInputError(f"'{escaped(name, _LONGEST)}' cannot be read: {reason}")


def decode(data: bytes, what: str) -> str:
    """Return bytes as text; `what` names them in an error.

    :raises InvalidInputError: where they are not UTF-8.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInputError(f"{what} is UTF-16, not UTF-8; PowerShell writes UTF-8 by `| Out-File -Encoding utf8`")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{what} is not UTF-8 (byte {error.start + 1}); save it as UTF-8") from None


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
