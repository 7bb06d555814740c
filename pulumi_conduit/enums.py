"""The words of the APIs and of the policies, as `str` enums: a plain string works wherever one of these does."""

from __future__ import annotations

from enum import Enum

__all__ = ["CompanyConflict", "CompanyDestroy", "UserConflict", "UserDestroy", "UserStatus", "UserType", "UserView"]


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


class CompanyConflict(str, Enum):
    """A company that differs from its declaration is an error, or is edited."""

    ERROR = "error"
    ADOPT = "adopt"


class CompanyDestroy(str, Enum):
    """A company cannot be deleted: refuse, forget it, or close its page and forget it."""

    ERROR = "error"
    RETAIN = "retain"
    DISABLE_PAGE = "disable_page"


class UserConflict(str, Enum):
    """A user that differs is an error, is brought back if INACTIVE, or is also changed if ACTIVE."""

    ERROR = "error"
    REACTIVATE_INACTIVE = "reactivate_inactive"
    ADOPT = "adopt"


class UserDestroy(str, Enum):
    """Deactivate the user, or forget it."""

    DEACTIVATE = "deactivate"
    RETAIN = "retain"
