"""The private file in which a running program records what it declares, for the provider process of the same run.

It is in a folder that is private to the user and the same for both processes.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "RunFile",
    "RunFileContent",
    "create_folder",
    "describe_folders",
    "read_left_behind",
    "read_run_file",
    "run_folders",
]

_NAME = "pulumi-conduit"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def run_folders() -> list[tuple[Path, Path]]:
    """Return each folder that may be used, in order of preference, with its parent that must exist."""
    try:
        user = os.geteuid()
    except AttributeError:  # not every system has user ids
        return []
    shared = Path("/tmp")  # noqa: S108 - the last resort; only private files in it are read
    return [(base, folder) for base, folder in (*_own(user), (shared, shared / f"{_NAME}-{user}"))]


def create_folder(base: Path, folder: Path) -> Path:
    """Create a folder below an existing one.

    :raises OSError: if that fails, or other users have access to the folder.
    """
    for part in reversed((folder, *folder.parents)):
        if base in part.parents:
            part.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    require_own(folder.lstat(), stat.S_ISDIR)
    return folder


def require_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    """Raise PermissionError for a file or folder that another user may have written, or may read."""
    if not is_kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        raise PermissionError


def describe_folders() -> str:
    """Return the folders, for a message."""
    return ", ".join(str(folder) for _, folder in run_folders()) or "on Linux and macOS only"


def _own(user: int) -> Iterator[tuple[Path, Path]]:
    if sys.platform == "darwin":  # pragma: no cover - the tests run on one system
        with suppress(OSError, ValueError):
            private = Path(os.confstr("CS_DARWIN_USER_TEMP_DIR") or "/nowhere")
            yield private, private / _NAME
    else:
        runtime = Path("/run/user", str(user))
        yield runtime, runtime / _NAME
    if home := _home(user):
        yield home, home / ".local" / "state" / _NAME


def _home(user: int) -> Path | None:
    """Return the home folder of the user database, not HOME."""
    import pwd  # noqa: PLC0415 - not on every system

    with suppress(KeyError):  # a container may run under a user id without a name
        return Path(pwd.getpwuid(user).pw_dir)
    return None


_ENDING = ".run"
_EVIDENCE = stat.S_IXUSR  # on a file that is not executable, a mark that every process can see
_INCOMPLETE = stat.S_IXOTH  # likewise; a reader rejects the file, as if other users had access
_AT_WORK_S = 3600.0


class RunFile:
    """The file of the running program, until it ends."""

    def __init__(self, descriptor: int, path: Path) -> None:
        """Take an open, locked file."""
        self._lock = threading.Lock()
        self._descriptor: int | None = descriptor
        self._path = path
        self._is_evidence = False

    @classmethod
    def open(cls, address: str) -> RunFile | None:
        """Create the file of an engine in the first usable folder; return None if there is none."""
        for base, folder in run_folders():
            with suppress(ImportError, OSError):  # ImportError: not every system locks files
                _clear(create_folder(base, folder))
                path = folder / _name(address)
                return cls(_create_locked(path), path)
        return None

    def append(self, line: str) -> bool:
        """Append a line, unless the program has ended; return whether it was written in full.

        A reader rejects a file that lacks a line.
        """
        with self._lock:
            if self._descriptor is None:
                return False
            try:
                return _write_all(self._descriptor, f"{line}\n".encode())
            except OSError:
                os.fchmod(self._descriptor, stat.S_IRUSR | stat.S_IWUSR | _INCOMPLETE)
                return False

    def keep_as_evidence(self) -> None:
        """Keep the file if the program fails, so that the provider can see that declarations are missing."""
        self._is_evidence = True
        with self._lock:
            if self._descriptor is not None:
                os.fchmod(self._descriptor, stat.S_IRUSR | stat.S_IWUSR | _EVIDENCE)

    def close(self) -> None:
        """Remove the file: the program has ended."""
        self._end(is_left=False)

    def abandon(self) -> None:
        """Remove the file of a program that failed, unless it is evidence."""
        self._end(is_left=self._is_evidence)

    def _end(self, *, is_left: bool) -> None:
        with self._lock:
            if self._descriptor is not None:
                if not is_left:
                    with suppress(OSError):
                        self._path.unlink()
                os.close(self._descriptor)
                self._descriptor = None


class RunFileContent:
    """A run file that was opened while its program was running; it stays readable after the program has ended."""

    def __init__(self, file: BinaryIO) -> None:
        """Keep a file open."""
        self._descriptor = os.dup(file.fileno())
        self._text = b""
        weakref.finalize(self, os.close, self._descriptor)

    @classmethod
    def find(cls, address: str) -> RunFileContent | None:
        """Return the file of the program that this engine runs, or None if there is no valid one."""
        for file in _candidates(address):
            with file, suppress(ImportError, OSError):  # without file locks, no file is valid
                if not _is_dead(file):
                    return cls(file)
        return None

    def text(self) -> str | None:
        """Return the content so far; None if it is incomplete."""
        try:
            found = os.fstat(self._descriptor)
            require_own(found, stat.S_ISREG)
            if found.st_size != len(self._text):
                self._text = os.pread(self._descriptor, found.st_size, 0)
        except OSError:
            return None
        return self._text.decode(errors="replace")


def read_run_file(address: str) -> str:
    """Return what the program that this engine runs has recorded so far, or an empty text."""
    content = RunFileContent.find(address)
    return (content.text() if content else None) or ""


def read_left_behind(address: str) -> str:
    """Return what a failed program at this address recorded, or an empty text."""
    for file in _candidates(address):
        with file, suppress(ImportError, OSError):
            if _is_dead(file):
                return file.read().decode(errors="replace")
    return ""


def _candidates(address: str) -> Iterator[BinaryIO]:
    """Open each private file with the name of this engine's file."""
    for _, folder in run_folders():
        try:
            require_own(folder.lstat(), stat.S_ISDIR)
            file = _open_private(folder / _name(address))
        except OSError:
            continue
        yield file


def _clear(folder: Path) -> None:
    """Remove the files of programs that have ended."""
    for left_behind in folder.glob(f"*{_ENDING}"):
        with suppress(OSError):  # another process may remove it at the same time
            _remove_if_dead(left_behind)


def _write_all(descriptor: int, line: bytes) -> bool:
    while line:
        line = line[os.write(descriptor, line) :]
    return True


def _name(address: str) -> str:
    """Return the file name of an engine: unique per host, network namespace and address."""
    try:
        network = str(Path("/proc/self/ns/net").readlink())
    except OSError:
        network = ""
    return hashlib.sha256(f"{os.uname().nodename} {network} {address}".encode()).hexdigest()[:16] + _ENDING


def _create_locked(path: Path) -> int:
    """Create and lock a file before it gets its name; replace a file of that name."""
    descriptor, nameless = tempfile.mkstemp(dir=path.parent)
    try:
        _lock(descriptor, is_shared=False)
        Path(nameless).replace(path)
    except BaseException:
        Path(nameless).unlink(missing_ok=True)
        os.close(descriptor)
        raise
    return descriptor


def _open_private(path: Path) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    try:
        require_own(os.fstat(file.fileno()), stat.S_ISREG)
    except OSError:
        file.close()
        raise
    return file


def _is_dead(file: BinaryIO) -> bool:
    """Return whether the program that wrote a file has ended."""
    try:
        _lock(file.fileno(), is_shared=True)
    except BlockingIOError:
        return False
    return True


def _remove_if_dead(path: Path) -> None:
    with _open_private(path) as file:
        found = os.fstat(file.fileno())
        # The engine of an ended program may still be running.
        is_needed = found.st_mode & _EVIDENCE and time.time() - found.st_mtime < _AT_WORK_S
        # The name may belong to a running program's file by now.
        if not is_needed and _is_dead(file) and os.path.samestat(found, path.lstat()):
            path.unlink()


def _lock(descriptor: int, *, is_shared: bool) -> None:
    import fcntl  # noqa: PLC0415 - not on every system

    fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
