"""The enum values of both APIs and the two exceptions, written from the APIs' pages, independent of the provider."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "ADMIN",
    "COMPANY_ID",
    "EMAIL",
    "MANAGED_TYPES",
    "MAX_LENGTH",
    "PUBLIC_MAIL",
    "STATUSES",
    "TYPES",
    "VIEWS",
    "MistakeError",
    "RefusalError",
    "kept_name",
]


class RefusalError(Exception):
    """An API refuses a request, as the real one would; `status` is the HTTP status code."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status and the message of the response."""
        super().__init__(message)
        self.status = status


class MistakeError(ValueError):
    """Invalid use of the sandbox, such as a misspelled name."""


ADMIN = "ADMIN"
MANAGED_TYPES = frozenset({"STANDARD", "READ_ONLY"})
TYPES = MANAGED_TYPES | {ADMIN}
STATUSES = frozenset({"ACTIVE", "INACTIVE"})
VIEWS = frozenset(
    {"CONTENT_MARKETING", "SEARCH_MARKETING", "EXECUTIVE_ESSENTIALS", "PAID_SEARCH", "RESEARCH", "COMPLETE"},
)
MAX_LENGTH = 1024
COMPANY_ID = re.compile(r"[A-Za-z0-9]{1,1024}")
EMAIL = re.compile(r"[^@\s/]+@[^@\s/]+")

# The page names Gmail only, as one example of several.
PUBLIC_MAIL = frozenset(
    {"aol.com", "gmail.com", "googlemail.com", "hotmail.com", "icloud.com", "live.com", "outlook.com", "yahoo.com"},
)


def kept_name(name: str, form: str) -> str:
    """Return a name as a sandbox keeps it whose switch `names` has this position."""
    if form == "trimmed":
        return name.strip()
    normal_form = {"composed": "NFC", "decomposed": "NFD"}.get(form)
    return unicodedata.normalize(normal_form, name) if normal_form else name  # type: ignore[arg-type]
