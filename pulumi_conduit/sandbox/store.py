"""Where the sandbox's state lies: nowhere but in memory, or in an SQLite file that survives a restart.

Knows rows of text by kind and key, and neither rules nor records.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MemoryStore", "SqliteStore", "Store", "open_store"]

_CREATE = "CREATE TABLE IF NOT EXISTS rows (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key))"
_SAVE = "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
_LOAD = "SELECT key, body FROM rows WHERE kind = ? ORDER BY rowid"
_OWNER_ONLY = 0o600


class Store(Protocol):
    """Rows of text by kind and key, in the order in which they first came."""

    def load(self, kind: str) -> dict[str, str]:
        """Return all rows of a kind."""

    def save(self, kind: str, key: str, body: str) -> None:
        """Write one row, new or not."""

    def remove(self, kind: str, key: str) -> None:
        """Remove one row, if it is there."""

    def close(self) -> None:
        """Close the file, if there is one."""


class MemoryStore:
    """Stores nothing: the state is in memory only."""

    def load(self, kind: str) -> dict[str, str]:  # noqa: ARG002 - the protocol's name
        """Return no rows: a new sandbox starts empty."""
        return {}

    def save(self, kind: str, key: str, body: str) -> None:
        """Do nothing."""

    def remove(self, kind: str, key: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class SqliteStore:
    """Writes every row through to a file that only its owner can read, because it has the sandbox's passwords."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, and keep every other process out of it."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        path.chmod(_OWNER_ONLY)
        # The rules' lock serialises all use, whichever thread it comes from.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            self._prepare()
        except sqlite3.Error:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # A killed process loses nothing without fsync; only a power cut could, and this is a sandbox.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_CREATE)
        self._connection.execute("BEGIN EXCLUSIVE")
        self._connection.execute("COMMIT")

    def load(self, kind: str) -> dict[str, str]:
        """Return all rows of a kind."""
        return dict(self._connection.execute(_LOAD, (kind,)))

    def save(self, kind: str, key: str, body: str) -> None:
        """Write one row, new or not."""
        self._connection.execute(_SAVE, (kind, key, body))

    def remove(self, kind: str, key: str) -> None:
        """Remove one row, if it is there."""
        self._connection.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (kind, key))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def open_store(path: Path | None) -> Store:
    """Return the store in this file, or one in memory when there is none."""
    if path is None:
        return MemoryStore()
    try:
        return SqliteStore(path)
    except (OSError, sqlite3.Error) as error:
        raise MistakeError(f"cannot keep the sandbox's state in {path}: {error}") from error
