"""Reads texts, numbers and lists of such in a message at once; the SDK makes an object of each first.

A program reads the outputs of each resource, and the provider's server the old and the new properties in each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import rpc

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_SIGNATURE = getattr(rpc, "_special_sig_key", None)
_PROVIDER = "__provider"  # the only internal property that no version of the SDK leaves out
_SCALARS = frozenset({"string_value", "number_value", "bool_value"})
_OTHER = object()


def fits() -> bool:
    """Return whether one function reads all properties, and one other each of them."""
    names = ("_special_sig_key", "items", "startswith", "deserialize_property")
    return (
        isinstance(_SIGNATURE, str)
        and has_parameters(rpc, "deserialize_properties", "props_struct", "keep_unknowns", "keep_internal")
        and has_names(rpc, "deserialize_properties", *names)
        and has_names(rpc, "deserialize_property", "UNKNOWN", "ListValue", "Struct")
    )


def install(_running: Any) -> None:
    """Read what is plain, and leave to the SDK whatever has a secret, an unknown value or an object in it."""
    wrap_once(rpc, "deserialize_properties", _quick)


def _quick(read: Callable[..., Any]) -> Callable[..., Any]:
    def deserialize_properties(props_struct: Any, *given: Any, **named: Any) -> Any:
        plain = _plain_properties(props_struct) if type(props_struct) is Struct else None
        return read(props_struct, *given, **named) if plain is None else plain

    return deserialize_properties


def _plain_properties(properties: Struct) -> dict[str, Any] | None:
    found = {}
    for name, value in properties.fields.items():
        if name == _SIGNATURE or (name.startswith("__") and name != _PROVIDER):
            return None
        plain = _plain(value)
        if plain is _OTHER:
            return None
        if plain is not None:
            found[name] = plain
    return found


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind in _SCALARS:
        scalar = getattr(value, kind)
        return _OTHER if scalar == rpc.UNKNOWN else scalar
    if kind == "list_value":
        parts = [_plain(part) for part in value.list_value.values]
        return _OTHER if any(part is _OTHER for part in parts) else parts
    return None if kind == "null_value" else _OTHER
