"""Parses the body of a 2xx into a record, or raises an error that quotes none of it.

Must not know HTTP. Every response about a company carries a token, so messages never contain a value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pulumi_conduit.api.error_mapping import unusable_response
from pulumi_conduit.api.strict_json import NOT_JSON, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from pulumi_conduit.api.request import ApiRequest, ApiResponse
    from pulumi_conduit.errors import ApiError

__all__ = ["Flaw", "parse_body", "parse_item", "parse_response", "require_id"]

T = TypeVar("T")
_MOST_REASONS = 3


def parse_response(request: ApiRequest, response: ApiResponse, schema: TypeAdapter[T]) -> T:
    """Return the record in a response."""
    record = parse_body(response.body, schema)
    if isinstance(record, Flaw):
        raise unusable_response(request, record.reason)
    return record


@dataclass(frozen=True)
class Flaw:
    """Why a body is not a record; the reason continues 'the response', and quotes nothing of it."""

    reason: str


def parse_body(body: bytes, schema: TypeAdapter[T]) -> T | Flaw:
    """Return the record in a body, or what is wrong with it."""
    try:
        record = schema.validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        return Flaw(_reasons(details) if body.strip() else "is empty")
    # pydantic's parser accepts NaN, and takes the last of two equal keys.
    if decode_json(body) is NOT_JSON:
        return Flaw("is not strict JSON: it has a duplicate key, NaN or Infinity")
    return record


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
