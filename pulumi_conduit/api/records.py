"""The API responses as strict pydantic models, and how the body of a 2xx becomes one.

Must not give a missing field a default, nor coerce types: a response that is not as documented is no basis for a write.
Fields that the pages do not document are ignored. Every response about a company carries a token, so an error quotes
none of it. Sources: Conduit Link API; Conductor User Management API 1.0.1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, TypeAdapter, ValidationError
from pydantic_core import core_schema

from pulumi_conduit.api.error_mapping import unusable_response
from pulumi_conduit.api.request import NOT_JSON, decode_json
from pulumi_conduit.enums import UserStatus  # noqa: TC001 -- pydantic reads the annotations when the module runs
from pulumi_conduit.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from pulumi_conduit.api.request import ApiRequest, ApiResponse
    from pulumi_conduit.errors import ApiError

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
    "parse_item",
    "parse_response",
    "require_id",
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


T = TypeVar("T")
_MOST_REASONS = 3


def parse_response(request: ApiRequest, response: ApiResponse, schema: TypeAdapter[T]) -> T:
    """Return the record in a response."""
    try:
        record = schema.validate_json(response.body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    else:
        _require_strict(request, response)
        return record
    # Outside the handler: the exception quotes the response, so it must not become the context.
    raise unusable_response(request, "is empty" if not response.body.strip() else _reasons(details))


def parse_item(request: ApiRequest, position: int, item: Any, schema: TypeAdapter[T]) -> T | ApiError:
    """Return one list item as a record, or its error: one malformed item must not fail the others."""
    try:
        return schema.validate_json(json.dumps(item))  # as JSON, because strict models take no Python value for an enum
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    for detail in details:
        detail["loc"] = (position, *detail["loc"])
    return unusable_response(request, _reasons(details))


def require_id(request: ApiRequest, requested: str, returned: str) -> None:
    """Raise when a response is about another object than the requested one, ignoring case."""
    # Bytes fold ASCII case only: no letter of another script may match.
    if requested.encode().lower() != returned.encode(errors="surrogatepass").lower():
        raise unusable_response(request, "is about another object")


def _require_strict(request: ApiRequest, response: ApiResponse) -> None:
    # pydantic's parser accepts NaN, and takes the last of two equal keys.
    if decode_json(response.body) is NOT_JSON:
        raise unusable_response(request, "is not strict JSON: it has a duplicate key, NaN or Infinity")


def _reasons(details: list[ErrorDetails]) -> str:
    if details[0]["type"] == "json_invalid":
        return "is not JSON"
    more = len(details) - _MOST_REASONS
    return ", ".join(map(_reason, details[:_MOST_REASONS])) + (f", and {more} more" if more > 0 else "")


def _reason(detail: ErrorDetails) -> str:
    item, names = _split(detail["loc"])
    field = f" `{'.'.join(names)}`" if names else ""
    if detail["type"] == "missing":
        return f"lacks{field}{item}"
    return f"has{field or ' content'} in an undocumented form{item}: {detail['type']}"


def _split(location: Iterable[int | str]) -> tuple[str, list[str]]:
    first, *rest = [*location, ""]
    names = [str(part) for part in (rest if isinstance(first, int) else [first, *rest]) if part != ""]
    return (f" (item {first + 1})" if isinstance(first, int) else ""), names
