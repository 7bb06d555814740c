"""The two ways in which the sandbox says no; knows nothing of how an answer is sent."""

from __future__ import annotations

__all__ = ["MistakeError", "RefusalError"]


class RefusalError(Exception):
    """An API refuses a request, as the real one would; `status` is the HTTP status code."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status and the message that the answer shall carry."""
        super().__init__(message)
        self.status = status


class MistakeError(ValueError):
    """Whoever operates the sandbox asked for something that cannot be, such as a misspelled name."""
