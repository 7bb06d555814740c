"""The API responses as strict pydantic models.

Must not give a missing field a default, nor coerce types: a response that is not as documented is no basis for a write.
Fields that the pages do not document are ignored. Sources: Conduit Link API; Conductor User Management API 1.0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

from pulumi_conduit.enums import UserStatus  # noqa: TC001 -- pydantic reads the annotations when the module runs
from pulumi_conduit.settings import Secret

__all__ = [
    "AccountId",
    "AccountRecord",
    "AccountsResponse",
    "CompanyRecord",
    "CompanyToken",
    "CompanyTokenResponse",
    "LinkPage",
    "LoginResponse",
    "StatusResponse",
    "TypeResponse",
    "UnreadableUser",
    "UserRecord",
]

_LARGEST_ID = 2**53 - 1


def _secret_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    # A token that a request header cannot carry, or could be split by, is not a token.
    return core_schema.no_info_after_validator_function(
        Secret, core_schema.str_schema(strict=True, pattern=r"^[!-~]+$")
    )


AccountId = Annotated[int, Field(ge=0, le=_LARGEST_ID)]
_Text = Annotated[str, Field(min_length=1)]
_WireSecret = Annotated[Secret, GetPydanticSchema(_secret_schema)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class LinkPage(_Record):
    """The page on which a company connects its sources; no URL while it is off."""

    url: str | None
    enabled: bool


class CompanyRecord(_Record):
    """A company, without the token that every response about it carries."""

    id: _Text
    name: str | None = None
    created_at: _Text
    link_page: LinkPage


class CompanyToken(_Record):
    """A token for a company's data, and the Unix time at which it expires."""

    token: _WireSecret
    expires_at: int


class CompanyTokenResponse(_Record):
    """A response about a company, parsed for its token only."""

    id: _Text
    api_token: CompanyToken


class AccountRecord(_Record):
    """An account that the identity owns."""

    account_id: AccountId
    name: str
    creation_date: str


class UserRecord(_Record):
    """A user; `type` and `view` stay plain text, because the API may have undocumented values."""

    email: _Text
    first_name: str = Field(alias="firstname")
    last_name: str = Field(alias="lastname")
    sso_access: bool
    type: _Text
    view: _Text
    status: UserStatus | None = None
    """None when the response lacks it: whether a GET of one user has it is not documented."""
    accounts: frozenset[AccountId]


@dataclass(frozen=True)
class UnreadableUser:
    """A user in a list that does not have the documented form; it is neither present nor missing."""

    email: str
    """Empty when it cannot be parsed: then it may be any user."""
    reason: str
    """Why it cannot be parsed, for a message."""


class LoginResponse(_Record):
    """The response to a login; only the used fields."""

    access_token: _WireSecret = Field(alias="accessToken")
    expires_in_s: int = Field(alias="expiresIn", ge=1)


class AccountsResponse(_Record):
    """The accounts that a user has after the operation."""

    accounts: frozenset[AccountId]


class StatusResponse(_Record):
    """The status that a user has after the operation."""

    status: UserStatus


class TypeResponse(_Record):
    """The type that a user has after the operation."""

    type: _Text
