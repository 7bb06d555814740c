"""From the bytes of a success to a record, or to an error that shows none of them.

Must not know HTTP. Every answer about a company carries a token, so no value ever stands in a message.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pulumi_conduit.api.error_mapping import unusable_response
from pulumi_conduit.api.strict_json import NOT_JSON, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from pulumi_conduit.api.request import ApiRequest, ApiResponse
    from pulumi_conduit.errors import ApiError

__all__ = ["parse_item", "parse_response", "require_id"]

T = TypeVar("T")
_MOST_REASONS = 3


def parse_response(call: ApiRequest, answer: ApiResponse, form: TypeAdapter[T]) -> T:
    """Return the record in an answer."""
    try:
        record = form.validate_json(answer.body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    else:
        _require_strict(call, answer)
        return record
    # Outside the handler: the exception quotes the answer, so it must not even be the context.
    raise unusable_response(call, "is empty" if not answer.body.strip() else _reasons(details))


def parse_item(call: ApiRequest, position: int, item: Any, form: TypeAdapter[T]) -> T | ApiError:
    """Return one item of a list as a record, or the error to raise for it: one odd item must not spoil the others."""
    try:
        return form.validate_json(json.dumps(item))  # as JSON, for strict records take no Python value for an enum
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    for detail in details:
        detail["loc"] = (position, *detail["loc"])
    return unusable_response(call, _reasons(details))


def require_id(call: ApiRequest, asked: str, answered: str) -> None:
    """Raise when an answer is about another object than the one asked for; case does not count."""
    # Bytes know ASCII's case only: no letter of another script may pass for one of these.
    if asked.encode().lower() != answered.encode(errors="surrogatepass").lower():
        raise unusable_response(call, "is about another object")


def _require_strict(call: ApiRequest, answer: ApiResponse) -> None:
    # pydantic's reader takes NaN for a number, and of two equal names the last.
    if decode_json(answer.body) is NOT_JSON:
        raise unusable_response(
            call, "is no strict JSON: a name stands twice in one object, or NaN or Infinity for a number"
        )


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
