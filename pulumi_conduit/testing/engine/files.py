"""The state file: a deployment that `pulumi stack import` accepts, and its journal.

A change is appended to the journal before the next call to a provider, so that a killed run loses nothing; the file is
written whole, in one rename, when the operation ends. The journal survives the death of the process, not that of the
machine. One operation at a time: the journal is locked.

`importable` hands a state over to the Pulumi CLI. Measured there: secrets without the target's secrets provider make it
panic, and pending operations are dropped with nothing but a warning. So the first are given the target's provider, and
the second are refused.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import itertools
import json
import os
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.states import Snapshot, State, now

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StateFile", "importable"]

_VERSION = 3  # of Pulumi's deployment format


class StateFile:
    """The state file of one stack, locked while it is open."""

    def __init__(self, path: Path) -> None:
        """Open and lock it.

        Raises:
            EngineError: another operation runs on it.

        """
        self._path = path
        self._journal_path = path.with_name(path.name + ".journal")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._journal = _locked(self._journal_path)
        self._buffer: list[str] = []
        self._others: dict[str, Any] = {}
        self._base = _digest(b"")  # of the state that the journal continues

    def load(self) -> Snapshot:
        """Read the state, with what a killed operation had journaled."""
        written = self._path.read_bytes() if self._path.exists() else b""
        snapshot = self._parse(written)
        self._base = _digest(written)
        changes = _changes(self._journal, self._base)
        for change in changes:
            snapshot.replay(change)
        if changes:
            self.save(snapshot)
            return self.load()
        return snapshot

    def record(self, snapshot: Snapshot) -> None:
        """Journal the changes of a snapshot from now on."""
        self._journal.seek(0)
        self._journal.truncate()
        self._buffer = [json.dumps({"base": self._base})]
        snapshot.listener = self._append

    def _append(self, change: dict[str, Any], urgent: bool) -> None:  # noqa: FBT001 - the listener's shape
        """Append a change; what is not urgent waits for the next that is, for it can be found again."""
        self._buffer.append(json.dumps(change, separators=(",", ":")))
        if urgent:
            self._journal.write("".join(f"{line}\n" for line in self._buffer))
            self._journal.flush()
            self._buffer = []

    def save(self, snapshot: Snapshot) -> None:
        """Write the whole state, and remove the journal."""
        deployment = {"manifest": _manifest(), **self._others, **snapshot.to_json()}
        _replace(
            self._path, json.dumps({"version": _VERSION, "deployment": deployment}, indent=4, ensure_ascii=False) + "\n"
        )
        self._journal.seek(0)
        self._journal.truncate()
        snapshot.listener = None

    def close(self) -> None:
        """Unlock; an empty journal is removed."""
        if os.fstat(self._journal.fileno()).st_size == 0:
            self._journal_path.unlink(missing_ok=True)
        self._journal.close()

    def _parse(self, written: bytes) -> Snapshot:
        if not written:
            return Snapshot()
        try:
            document = json.loads(written)
            if document["version"] != _VERSION:
                raise EngineError(f"{self._path} has version {document['version']}; only {_VERSION} is supported")
            deployment = document["deployment"] if document["deployment"] is not None else {}
            base = [State.from_json(record) for record in deployment.get("resources") or ()]
            pending = [
                (one["type"], State.from_json(one["resource"])) for one in deployment.get("pending_operations") or ()
            ]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise EngineError(f"{self._path} is not a Pulumi deployment: {error}") from None
        # The target stack's secrets manager, which `pulumi stack import` wants to see again.
        self._others = {key: deployment[key] for key in ("secrets_providers", "metadata") if key in deployment}
        return Snapshot(base, pending)


def _locked(path: Path) -> TextIO:
    while True:
        handle = _opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise EngineError(f"another operation runs on this state: {path} is locked") from None
        if os.fstat(handle).st_nlink:
            return os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
        os.close(handle)  # its holder has just removed it


def _opened(path: Path) -> int:
    """Open the journal, or make it; what another user has put there, or a link, is refused."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise EngineError(f"{path} is a link; remove it") from None
    if os.fstat(handle).st_uid != os.getuid():
        os.close(handle)
        raise EngineError(f"{path} belongs to another user; remove it")
    return handle


def _manifest() -> dict[str, str]:
    said = f"v{_sdk_version()}"
    return {"time": now(), "magic": _digest(said.encode()), "version": said}


@cache
def _sdk_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - needed when a state is written

    return version("pulumi")


def _digest(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()


def _changes(journal: TextIO, base: str) -> list[dict[str, Any]]:
    """Return the journal's changes up to the first that is broken off, or nothing if it belongs to another state."""
    journal.seek(0)
    lines = list(itertools.takewhile(bool, map(_change, journal)))
    return lines[1:] if lines and lines[0].get("base") == base else []


def _change(line: str) -> dict[str, Any]:
    try:
        change = json.loads(line) if line.endswith("\n") else {}
    except ValueError:
        return {}
    return change if isinstance(change, dict) else {}


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - the atomic step
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108 - likewise
        raise


def importable(state: Path, target: Path | None) -> str:
    """Return a deployment for `pulumi stack import`.

    `target` is what `pulumi stack export` printed of the stack that shall take it over. It is needed where the state
    holds secrets; the CLI encrypts them at the import.

    Raises:
        EngineError: the state cannot be handed over as it is.

    """
    document = _read(state)
    deployment = document["deployment"]
    if deployment.get("pending_operations"):
        raise EngineError(f"{state} has pending operations, which an import would forget; run `up` or `refresh` first")
    if target is not None:
        providers = _read(target)["deployment"].get("secrets_providers")
        if not providers:
            raise EngineError(f"{target} names no secrets provider; export it from the stack that shall take the state")
        deployment["secrets_providers"] = providers
    elif '"plaintext"' in json.dumps(deployment):
        raise EngineError(
            f"{state} holds secrets; name the target stack's export with --like, so that they get encrypted"
        )
    return json.dumps(document, indent=4) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["deployment"]["manifest"]
    except (OSError, ValueError, KeyError, TypeError):
        raise EngineError(f"{path} is not a Pulumi deployment") from None
    return dict(document)
