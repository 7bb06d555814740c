"""The private file in which a running program notes what it declares, for the provider process of the same run.

The two share the engine's address and nothing else, so that names the file. It is believed only while the program that
writes it lives: the program holds a lock, which the kernel takes back however a process ends. So neither what a killed
program left behind nor an address that is used again misleads anybody. Nothing here fails a run: without a file, or
with one that cannot be trusted, nothing is known. Must not know what a declaration is.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["RunFile", "read_left_behind", "read_run_file"]

_ENDING = ".run"
_EVIDENCE = stat.S_IXUSR  # on a file that says nothing to be run, a mark that everybody can see
_AT_WORK_S = 3600.0
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class RunFile:
    """The file of the program that is running, for as long as it runs."""

    def __init__(self, descriptor: int, path: Path) -> None:
        """Own an open file that is locked."""
        self._lock = threading.Lock()
        self._descriptor: int | None = descriptor
        self._path = path
        self._is_evidence = False

    @classmethod
    def open(cls, address: str) -> RunFile | None:
        """Make the file of an engine, and remove those of programs that are gone; None where that cannot be."""
        try:
            path = _path(address)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _require_own(path.parent.lstat(), stat.S_ISDIR)
            for left_behind in path.parent.glob(f"*{_ENDING}"):
                with suppress(OSError):  # its program, or another one, may remove it at this moment
                    _remove_if_dead(left_behind)
            return cls(_made(path), path)
        except (AttributeError, ImportError, OSError):  # AttributeError: not every system knows users
            return None

    def note(self, line: str) -> bool:
        """Append a line, unless the program has ended; say whether the whole of it is there."""
        with self._lock:
            try:
                return self._descriptor is not None and _written(self._descriptor, f"{line}\n".encode())
            except OSError:
                return False

    def keep_as_evidence(self) -> None:
        """Leave the file behind if the program does not end as it should: who needed it must see that it is missing."""
        self._is_evidence = True
        with self._lock:
            if self._descriptor is not None:
                os.fchmod(self._descriptor, stat.S_IRUSR | stat.S_IWUSR | _EVIDENCE)

    def close(self) -> None:
        """Remove the file: what it says is over."""
        self._end(is_left=False)

    def abandon(self) -> None:
        """End a program that has not come to its end; its file goes, too, unless it is evidence."""
        self._end(is_left=self._is_evidence)

    def _end(self, *, is_left: bool) -> None:
        with self._lock:
            if self._descriptor is not None:
                if not is_left:
                    with suppress(OSError):
                        self._path.unlink()
                os.close(self._descriptor)
                self._descriptor = None


def read_run_file(address: str) -> str:
    """Return what the program that this engine runs has noted so far, or nothing."""
    is_dead, text = _read(address)
    return "" if is_dead else text


def read_left_behind(address: str) -> str:
    """Return what a program has noted that was run at this address and did not come to its end, or nothing."""
    is_dead, text = _read(address)
    return text if is_dead else ""


def _read(address: str) -> tuple[bool, str]:
    try:
        path = _path(address)
        _require_own(path.parent.lstat(), stat.S_ISDIR)
        with _opened(path) as file:
            return _is_dead(file), file.read().decode(errors="replace")
    except (AttributeError, ImportError, OSError):
        return True, ""


def _written(descriptor: int, line: bytes) -> bool:
    while line:
        line = line[os.write(descriptor, line) :]
    return True


def _path(address: str) -> Path:
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"pulumi-conduit-{os.geteuid()}", name + _ENDING)


def _made(path: Path) -> int:
    """Make a file that gets its name when it is locked: nobody sees it otherwise; what had the name is replaced."""
    descriptor, made = tempfile.mkstemp(dir=path.parent)
    try:
        _lock(descriptor, is_shared=False)
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: Path) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    try:
        _require_own(os.fstat(file.fileno()), stat.S_ISREG)
    except OSError:
        file.close()
        raise
    return file


def _is_dead(file: BinaryIO) -> bool:
    """Say whether the program that wrote a file has ended."""
    try:
        _lock(file.fileno(), is_shared=True)
    except BlockingIOError:
        return False
    return True


def _remove_if_dead(path: Path) -> None:
    with _opened(path) as file:
        found = os.fstat(file.fileno())
        # The engine of a dead program may still be at work.
        is_needed = found.st_mode & _EVIDENCE and time.time() - found.st_mtime < _AT_WORK_S
        # The name may have gone to a living program's file since.
        if not is_needed and _is_dead(file) and os.path.samestat(found, path.lstat()):
            path.unlink()


def _lock(descriptor: int, *, is_shared: bool) -> None:
    import fcntl  # noqa: PLC0415 - not on every system

    fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _require_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    """Refuse what somebody else may have written, or may read."""
    if not is_kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        raise PermissionError
