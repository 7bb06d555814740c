"""The folders where a run file may be: the user's own, which nobody else can take, and the same for both processes.

The environment has no say, nor has `tempfile`: a program may change both, the Automation API gives the engine's
processes variables of their own, and then one process would write where the other does not look.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["made", "require_own", "run_folders", "shown"]

_NAME = "pulumi-conduit"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def run_folders() -> list[tuple[Path, Path]]:
    """Return each folder that may be used, best first, with the one that must be there already."""
    try:
        user = os.geteuid()
    except AttributeError:  # not every system knows users
        return []
    shared = Path("/tmp")  # noqa: S108 - the last resort, and nothing is believed there that is not private
    return [(base, folder) for base, folder in (*_own(user), (shared, shared / f"{_NAME}-{user}"))]


def made(base: Path, folder: Path) -> Path:
    """Make a folder below one that is there.

    :raises OSError: where that cannot be, or others have a hand in it.
    """
    for part in reversed((folder, *folder.parents)):
        if base in part.parents:
            part.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    require_own(folder.lstat(), stat.S_ISDIR)
    return folder


def require_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    """Refuse what somebody else may have written, or may read."""
    if not is_kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        raise PermissionError


def shown() -> str:
    """Name the folders in a message."""
    return ", ".join(str(folder) for _, folder in run_folders()) or "on Linux and macOS only"


def _own(user: int) -> Iterator[tuple[Path, Path]]:
    if sys.platform == "darwin":  # pragma: no cover - where the tests run is one system
        with suppress(OSError, ValueError):
            private = Path(os.confstr("CS_DARWIN_USER_TEMP_DIR") or "/nowhere")
            yield private, private / _NAME
    else:
        runtime = Path("/run/user", str(user))
        yield runtime, runtime / _NAME
    if home := _home(user):
        yield home, home / ".local" / "state" / _NAME


def _home(user: int) -> Path | None:
    """Return the home that the system knows, whatever HOME says."""
    import pwd  # noqa: PLC0415 - not on every system

    with suppress(KeyError):  # a container may run under a number that has no name
        return Path(pwd.getpwuid(user).pw_dir)
    return None
