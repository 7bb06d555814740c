"""The words of the policies: what a create does with an object that is there, and a destroy with one that must stay."""

from __future__ import annotations

from enum import Enum

__all__ = ["CompanyConflict", "CompanyDestroy", "UserConflict", "UserDestroy"]


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
