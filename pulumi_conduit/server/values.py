"""Between the engine's property maps and the resources': numbers, unknown values, and the provider's own entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown as EngineUnknown

from pulumi_conduit.resources.unknown import UNKNOWN, is_unknown

__all__ = ["from_engine", "to_engine"]

_PROVIDER = "__provider"


def from_engine(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without the provider's entry, with whole numbers as `int` and unknown values as `UNKNOWN`."""
    return {name: _from_engine(value) for name, value in properties.items() if name != _PROVIDER}


def to_engine(properties: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties for the engine; where a value is unknown, the engine's own object stands untouched."""
    return {name: given[name] if is_unknown(value) else value for name, value in properties.items()}


def _from_engine(value: Any) -> Any:
    if isinstance(value, EngineUnknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _from_engine(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_from_engine(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
