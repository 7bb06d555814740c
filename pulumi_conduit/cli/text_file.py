"""A file or stream that a command is given, as text: UTF-8 with or without a byte order mark, or one line why not."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError, escaped

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["decode", "read"]

_LONGEST = 400  # a message may name a path


def read(path: Path) -> str:
    """Return the text of a file.

    :raises InvalidInputError: where it cannot be read, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInputError(f"'{escaped(str(path), _LONGEST)}' cannot be read: {reason}") from None
    return decode(data, f"'{escaped(str(path), _LONGEST)}'")


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
