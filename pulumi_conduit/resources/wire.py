"""Between typed specs and states and the property maps that the engine stores: camelCase names, no empty values.

The names are the stored-state format and never change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from pulumi_conduit.errors import ConduitError

__all__ = ["Properties", "camel_case", "from_wire", "snake_case", "to_wire"]

Properties = Mapping[str, Any]
"""A property map as the engine stores it, with whole numbers as `int` and unknown values as `UNKNOWN`."""

T = TypeVar("T")


def camel_case(name: str) -> str:
    """Return the stored name of a Python property: `company_id` is stored as `companyId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake_case(name: str) -> str:
    """Return the Python name of a stored property: `companyId` is `company_id`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def to_wire(record: Any) -> dict[str, Any]:
    """Return a dataclass as stored properties, without None, which the engine drops, and empty collections.

    An empty collection that must be there is kept: it says that there is nothing.
    """
    values = {field: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {camel_case(field.name): _plain(value) for field, value in values.items() if _is_stored(field, value)}


def from_wire(cls: type[T], stored: Properties, what: str) -> T:
    """Read a dataclass back; a property that must be there and is not is an error, never a default."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every spec and state is a dataclass
    values = {
        field.name: _frozen(stored[camel_case(field.name)]) for field in fields if camel_case(field.name) in stored
    }
    missing = [camel_case(field.name) for field in fields if _is_required(field) and field.name not in values]
    if missing:
        raise ConduitError(f"{what}: the stored properties lack {', '.join(missing)}; restore the stack from a backup")
    return cls(**values)


def _is_stored(field: dataclasses.Field[Any], value: Any) -> bool:
    return value is not None and (_is_required(field) or value not in ((), {}))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
