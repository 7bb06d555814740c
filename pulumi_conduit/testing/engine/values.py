"""Property values as the engine holds them, and their form on the wire.

Plain JSON values stand for themselves; what JSON cannot say has a class of its own here. Knows nothing of resources.
The signatures are those of Pulumi's SDKs (`sdk/go/common/resource/properties.go`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from google.protobuf import struct_pb2

from pulumi_conduit.testing.engine.results import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "RESOURCE",
    "SECRET",
    "SIGNATURE",
    "UNKNOWN",
    "UNKNOWN_WIRE",
    "Properties",
    "Reference",
    "Secret",
    "Unknown",
    "annotate",
    "from_struct",
    "has_secret",
    "has_unknown",
    "mark_secret",
    "plain",
    "to_struct",
]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of Pulumi's wire format
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Secret:
    """A secret value."""

    value: Any

    def __repr__(self) -> str:
        """Hide the value."""
        return "Secret([secret])"


class Unknown:
    """A value that a preview cannot know yet."""

    def __repr__(self) -> str:
        """Say what it is."""
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        """Stay the only one."""
        return self


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Reference:
    """A resource that is a value; `id` is None for a component."""

    urn: str
    id: str | Unknown | None = None
    version: str = ""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Read a message's properties."""
    return {name: _read(value) for name, value in struct.fields.items()}


def _read(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _read_object(value.struct_value)
    if kind == "list_value":
        return [_read(item) for item in value.list_value.values]
    if kind == "string_value" and value.string_value == UNKNOWN_WIRE:
        return UNKNOWN
    return None if kind in {None, "null_value"} else getattr(value, kind)


def _read_object(struct: struct_pb2.Struct) -> Any:
    if SIGNATURE not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[SIGNATURE].string_value
    fields = {name: _read(value) for name, value in struct.fields.items() if name != SIGNATURE}
    if signature == SECRET:
        return mark_secret(fields["value"])
    if signature == OUTPUT:
        value = fields.get("value", UNKNOWN)
        return mark_secret(value) if fields.get("secret") else value
    if signature == RESOURCE:
        return Reference(fields["urn"], fields.get("id") or None, fields.get("packageVersion", ""))
    raise EngineError("assets and archives are not supported by the embedded engine; use the Pulumi CLI")


def to_struct(properties: Mapping[str, Any], *, unknowns: bool = False, rich: bool = False) -> struct_pb2.Struct:
    """Write a message's properties.

    `unknowns` keeps what is unknown, which is left out otherwise. `rich` keeps secrets and references as such, for
    receivers that understand them; the dynamic provider does not.
    """
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        if unknowns or not _is_unknown(value):
            _write(struct.fields[name], value, unknowns=unknowns, rich=rich)
    return struct


def _is_unknown(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, Secret) and _is_unknown(value.value))


def _write(target: struct_pb2.Value, value: Any, *, unknowns: bool, rich: bool) -> None:
    if isinstance(value, Secret):
        wrapped = {SIGNATURE: SECRET, "value": value.value} if rich else value.value
        _write(target, wrapped, unknowns=unknowns, rich=rich)
    elif isinstance(value, Reference):
        _write(target, _reference(value) if rich else (value.id or value.urn), unknowns=unknowns, rich=rich)
    elif isinstance(value, dict):
        target.struct_value.CopyFrom(to_struct(value, unknowns=unknowns, rich=rich))
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            if unknowns or not _is_unknown(item):
                _write(target.list_value.values.add(), item, unknowns=unknowns, rich=rich)
    else:
        _write_scalar(target, value)


def _write_scalar(target: struct_pb2.Value, value: Any) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    else:
        target.string_value = UNKNOWN_WIRE if value is UNKNOWN else value


def _reference(value: Reference) -> Properties:
    fields: Properties = {SIGNATURE: RESOURCE, "urn": value.urn}
    if value.id is not None:
        fields["id"] = value.id
    if value.version:
        fields["packageVersion"] = value.version
    return fields


def mark_secret(value: Any) -> Secret:
    """Wrap a value once."""
    return value if isinstance(value, Secret) else Secret(value)


def plain(value: Any) -> Any:
    """Return a deep copy without the marks of secrecy."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def has_secret(value: Any) -> bool:
    """Return whether a value is or holds a secret."""
    return isinstance(value, Secret) or any(map(has_secret, _items(value)))


def has_unknown(value: Any) -> bool:
    """Return whether a value is or holds something unknown."""
    return value is UNKNOWN or any(map(has_unknown, _items(value)))


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, Secret):
        return (value.value,)
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def annotate(given: Properties, by: Properties) -> None:
    """Make secret again what a provider returned under the name of a secret that it was sent in the clear."""
    for name, sent in by.items():
        if name not in given:
            continue
        returned = given[name]
        if isinstance(returned, dict) and isinstance(sent, dict):
            annotate(returned, sent)
        elif has_secret(sent):
            given[name] = mark_secret(returned)
