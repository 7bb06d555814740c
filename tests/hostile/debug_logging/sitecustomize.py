"""Makes a child process as talkative as it can be: every logger at DEBUG, into the file that HOSTILE_LOG names."""

from __future__ import annotations

import logging
import os
from pathlib import Path


class _ToFile(logging.Handler):
    """Looks for the file's name at each record: a warm interpreter learns it only when it becomes a child."""

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record with its traceback."""
        if name := os.environ.get("HOSTILE_LOG"):
            with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{record.name} {self.format(record)} {record.args!r} {record.__dict__!r}\n")


logging.basicConfig(level=logging.DEBUG, handlers=[_ToFile()])
