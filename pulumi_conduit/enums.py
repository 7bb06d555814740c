"""Values of API fields and policies, as `str` enums: a plain string works wherever one of these does."""

from __future__ import annotations

from enum import Enum

__all__ = ["CompanyConflict", "CompanyDestroy", "UserConflict", "UserDestroy", "UserStatus", "UserType", "UserView"]


class UserType(str, Enum):
    """Whether a user may only read or also change data, in all accounts alike."""

    READ_ONLY = "READ_ONLY"
    STANDARD = "STANDARD"
    ADMIN = "ADMIN"
    """Listed by the API, which cannot create or manage it: refused in a declaration."""


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
    """What a create does with a company that exists and differs: fail, or adopt and edit it."""

    ERROR = "error"
    ADOPT = "adopt"


class CompanyDestroy(str, Enum):
    """What a destroy does with a company, which cannot be deleted: fail, or remove it from state only."""

    ERROR = "error"
    RETAIN = "retain"
    DISABLE_PAGE = "disable_page"


class UserConflict(str, Enum):
    """What a create does with a user that differs: fail, reactivate an INACTIVE one, or change an ACTIVE one, too."""

    ERROR = "error"
    REACTIVATE_INACTIVE = "reactivate_inactive"
    ADOPT = "adopt"


class UserDestroy(str, Enum):
    """What a destroy does: deactivate the user, or remove it from state only."""

    DEACTIVATE = "deactivate"
    RETAIN = "retain"
