"""The private file in which a running program records what it declares, for the provider process of the same run.

It lies in a folder of the user's own, which nobody else can take, and which is the same for both processes.
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

__all__ = ["RunFile", "RunFileContent", "made", "read_left_behind", "read_run_file", "run_folders", "shown"]

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


_ENDING = ".run"
_EVIDENCE = stat.S_IXUSR  # on a file that says nothing to be run, a mark that everybody can see
_INCOMPLETE = stat.S_IXOTH  # likewise; who finds it does not believe the file, as if others had a hand in it
_AT_WORK_S = 3600.0


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
        """Make the file of an engine in the first folder that serves; None where no folder does."""
        for base, folder in run_folders():
            with suppress(ImportError, OSError):  # ImportError: not every system locks files
                _clear(made(base, folder))
                path = folder / _name(address)
                return cls(_made(path), path)
        return None

    def note(self, line: str) -> bool:
        """Append a line, unless the program has ended; say whether the whole of it is there.

        A file that lacks a line is not believed any more.
        """
        with self._lock:
            if self._descriptor is None:
                return False
            try:
                return _written(self._descriptor, f"{line}\n".encode())
            except OSError:
                os.fchmod(self._descriptor, stat.S_IRUSR | stat.S_IWUSR | _INCOMPLETE)
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


class RunFileContent:
    """A run file that was found while its program was alive; what it says stays readable when that has ended."""

    def __init__(self, file: BinaryIO) -> None:
        """Keep a file open."""
        self._descriptor = os.dup(file.fileno())
        self._noted = b""
        weakref.finalize(self, os.close, self._descriptor)

    @classmethod
    def find(cls, address: str) -> RunFileContent | None:
        """Return the file of the program that this engine runs, unless there is none that can be believed."""
        for file in _candidates(address):
            with file, suppress(ImportError, OSError):  # where files cannot be locked, nobody is believed
                if not _is_dead(file):
                    return cls(file)
        return None

    def text(self) -> str | None:
        """Return what has been noted so far; None where that is not all."""
        try:
            found = os.fstat(self._descriptor)
            require_own(found, stat.S_ISREG)
            if found.st_size != len(self._noted):
                self._noted = os.pread(self._descriptor, found.st_size, 0)
        except OSError:
            return None
        return self._noted.decode(errors="replace")


def read_run_file(address: str) -> str:
    """Return what the program that this engine runs has noted so far, or nothing."""
    heard = RunFileContent.find(address)
    return (heard.text() if heard else None) or ""


def read_left_behind(address: str) -> str:
    """Return what a program has noted that was run at this address and did not come to its end, or nothing."""
    for file in _candidates(address):
        with file, suppress(ImportError, OSError):
            if _is_dead(file):
                return file.read().decode(errors="replace")
    return ""


def _candidates(address: str) -> Iterator[BinaryIO]:
    """Open what has the name of this engine's file and is private, in whichever folder the program has put it."""
    for _, folder in run_folders():
        try:
            require_own(folder.lstat(), stat.S_ISDIR)
            file = _opened(folder / _name(address))
        except OSError:
            continue
        yield file


def _clear(folder: Path) -> None:
    """Remove the files of programs that are gone."""
    for left_behind in folder.glob(f"*{_ENDING}"):
        with suppress(OSError):  # its program, or another one, may remove it at this moment
            _remove_if_dead(left_behind)


def _written(descriptor: int, line: bytes) -> bool:
    while line:
        line = line[os.write(descriptor, line) :]
    return True


def _name(address: str) -> str:
    """Name the file of an engine: an address is one within a network, and machines may share a home."""
    try:
        network = str(Path("/proc/self/ns/net").readlink())
    except OSError:
        network = ""
    return hashlib.sha256(f"{os.uname().nodename} {network} {address}".encode()).hexdigest()[:16] + _ENDING


def _made(path: Path) -> int:
    """Make a file that gets its name when it is locked: nobody sees it otherwise; what had the name is replaced."""
    descriptor, nameless = tempfile.mkstemp(dir=path.parent)
    try:
        _lock(descriptor, is_shared=False)
        Path(nameless).replace(path)
    except BaseException:
        Path(nameless).unlink(missing_ok=True)
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: Path) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    try:
        require_own(os.fstat(file.fileno()), stat.S_ISREG)
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
