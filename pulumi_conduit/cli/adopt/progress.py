"""What an interrupted run has read already, beside the import file, so that the next one does not read it again.

Each look at a company mints a token there. The file holds one record a line, without that token, after a first line
that names the tenant; a line that was cut off by a kill counts for nothing. What is older than an hour is read again: a
company may have been changed since.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pulumi_conduit.api.records import CompanyRecord
from pulumi_conduit.errors import RefusedError, escaped

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Progress"]

_LONGEST_S = 3600.0
_FLAGS = os.O_CREAT | os.O_APPEND | os.O_WRONLY


class Progress:
    """The companies that were read, by lower-cased id; safe for several threads."""

    def __init__(self, path: Path, tenant: str) -> None:
        """Read what is there; RefusedError where it is of another tenant, or of something else altogether."""
        self.path = path
        self._tenant = tenant
        self._lock = threading.Lock()
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        self._records = self._read(text)
        if text and time.time() - path.stat().st_mtime > _LONGEST_S:
            path.unlink()
            text, self._records = "", {}
        self._is_begun = bool(text)

    def record(self, company_id: str) -> CompanyRecord | None:
        """Return a company that was read already."""
        return self._records.get(company_id.lower())

    def note(self, record: CompanyRecord) -> None:
        """Keep a company, on disk before anything else is asked."""
        with self._lock:
            self._records[record.id.lower()] = record
            # The end of a line comes before the line: what a kill has cut off must not spoil what follows.
            self._append(("" if self._is_begun else self._head()) + f"\n{record.model_dump_json()}")

    def _append(self, text: str) -> None:
        with os.fdopen(os.open(self.path, _FLAGS, 0o600), "a", encoding="utf-8") as stream:
            stream.write(text)
        self._is_begun = True

    def _head(self) -> str:
        return json.dumps({"tenant": self._tenant})

    def _read(self, text: str) -> dict[str, CompanyRecord]:
        first, *lines = text.split("\n")
        if text and first != self._head():
            raise RefusedError(
                f"{escaped(str(self.path))}: is not the progress of a run over this Link APP; remove it to begin anew"
            )
        return {record.id.lower(): record for record in map(_record, lines) if record}


def _record(line: str) -> CompanyRecord | None:
    with contextlib.suppress(ValidationError):
        return CompanyRecord.model_validate_json(line)
    return None
