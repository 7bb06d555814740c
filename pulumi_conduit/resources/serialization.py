"""Between typed specs and states and the property maps that the engine stores: camelCase names, unknown values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from pulumi_conduit.errors import ConduitError

__all__ = ["UNKNOWN", "Properties", "camel_case", "from_properties", "is_unknown", "snake_case", "to_properties"]


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        """Name the sentinel in test failures."""
        return "UNKNOWN"


UNKNOWN = Unknown()


def is_unknown(value: object) -> bool:
    """Say whether a value is unknown, whole or in any part."""
    if value is None or isinstance(value, str | int | float):
        return False  # nearly all values, and the tests below are slow
    if isinstance(value, Mapping):
        return any(is_unknown(part) for part in value.values())
    if isinstance(value, Sequence):
        return any(is_unknown(part) for part in value)
    return isinstance(value, Unknown)


Properties = Mapping[str, Any]
"""A property map as the engine stores it, with whole numbers as `int` and unknown values as `UNKNOWN`."""

T = TypeVar("T")


@cache
def camel_case(name: str) -> str:
    """Return the stored name of a Python property: `company_id` is stored as `companyId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def snake_case(name: str) -> str:
    """Return the Python name of a stored property: `companyId` is `company_id`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


class _Stored(NamedTuple):
    """One field of a dataclass and its place in the stored format."""

    name: str
    stored_name: str
    is_required: bool


def to_properties(record: Any) -> dict[str, Any]:
    """Return a dataclass as stored properties, without None, which the engine drops, and empty collections.

    An empty collection that must be there is kept: it says that there is nothing.
    """
    values = {field: getattr(record, field.name) for field in _fields(type(record))}  # type: ignore[arg-type]  # a class is hashable
    return {field.stored_name: _plain(value) for field, value in values.items() if _is_stored(field, value)}


def from_properties(cls: type[T], stored: Properties, what: str) -> T:
    """Read a dataclass back; a property that must be there and is not is an error, never a default."""
    fields = _fields(cls)  # type: ignore[arg-type]  # as above
    values = {field.name: _frozen(stored[field.stored_name]) for field in fields if field.stored_name in stored}
    missing = [field.stored_name for field in fields if field.is_required and field.name not in values]
    if missing:
        raise ConduitError(f"{what}: the stored properties lack {', '.join(missing)}; restore the stack from a backup")
    return cls(**values)


@cache
def _fields(cls: type[Any]) -> tuple[_Stored, ...]:
    return tuple(_Stored(field.name, camel_case(field.name), _is_required(field)) for field in dataclasses.fields(cls))


def _is_stored(field: _Stored, value: Any) -> bool:
    return value is not None and (field.is_required or value not in ((), {}))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
