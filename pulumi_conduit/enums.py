"""The words of the APIs that users write: `str` enums, so that a plain string works wherever one of these does.

Source: Conductor User Management API 1.0.1, the schemas of user, status and type.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["UserStatus", "UserType", "UserView"]


class UserType(str, Enum):
    """Whether a user may only read or also change data, in all accounts alike."""

    READ_ONLY = "READ_ONLY"
    STANDARD = "STANDARD"
    ADMIN = "ADMIN"
    """Listed by the API, but neither created nor managed by it: refused in a declaration."""


class UserView(str, Enum):
    """Which part of the product a user sees; COMPLETE in most cases."""

    CONTENT_MARKETING = "CONTENT_MARKETING"
    SEARCH_MARKETING = "SEARCH_MARKETING"
    EXECUTIVE_ESSENTIALS = "EXECUTIVE_ESSENTIALS"
    PAID_SEARCH = "PAID_SEARCH"
    RESEARCH = "RESEARCH"
    COMPLETE = "COMPLETE"


class UserStatus(str, Enum):
    """Whether a user has access at all."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
