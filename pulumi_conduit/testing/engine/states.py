"""One resource as Pulumi's deployment format, version 3, records it.

The format is `ResourceV3` of pulumi/pulumi (`sdk/go/common/apitype/core.go`). Secrets stand readable in it, because the
engine holds sandbox credentials only and has no key to encrypt with.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.values import (
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_WIRE,
    Properties,
    Reference,
    Secret,
)
from pulumi_conduit.urns import STACK_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PROVIDER_TYPE", "STACK_TYPE", "State", "now", "provider_urn"]

PROVIDER_TYPE = "pulumi:providers:pulumi-python"
_LARGEST_EXACT = 2**53


@dataclass(eq=False)
class State:
    """A resource in the state. Two states may share a URN, so it is the object that counts."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    delete: bool = False
    pending_replacement: bool = False
    external: bool = False
    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    created: str = ""
    modified: str = ""

    def copy(self) -> State:
        """Return a state of its own with the same values."""
        return State.from_json(self.to_json())

    def relations(self) -> Iterator[str]:
        """Return the URNs that this resource needs, its parent's and its provider's left out."""
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns
        if self.deleted_with:
            yield self.deleted_with

    def to_json(self) -> dict[str, Any]:
        """Return the record; what is empty is left out."""
        record = {}
        for name, key in _KEYS.items():
            value = getattr(self, name)
            if value or name == "custom":
                record[key] = _written(value) if name in {"inputs", "outputs"} else value
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> State:
        """Read a record.

        Raises:
            EngineError: it says something that the embedded engine does not do.

        """
        for key in record.keys() - _KEYS.values() - _HARMLESS:
            if record[key]:
                raise EngineError(f"the state of {record['urn']} has {key}, which the embedded engine does not support")
        found = {name: record[key] for name, key in _KEYS.items() if key in record}
        for name in ("inputs", "outputs"):
            found[name] = _read(found.get(name) or {})
        return cls(**found)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


_KEYS = {one.name: _camel(one.name) for one in dataclasses.fields(State)}
# What the CLI writes and no decision depends on.
_HARMLESS = {"sourcePosition", "stackTrace", "hideDiff", "taint"}


def _written(value: Any) -> Any:
    if isinstance(value, Secret):
        clear = json.dumps(_written(value.value), separators=(",", ":"), ensure_ascii=False)
        return {SIGNATURE: SECRET, "plaintext": clear}
    if isinstance(value, Reference):
        known = {"id": _written(value.id)} if value.id is not None else {}
        return {SIGNATURE: RESOURCE, "urn": value.urn, **known, "packageVersion": value.version}
    if isinstance(value, dict):
        return {name: _written(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return int(value)
    return UNKNOWN_WIRE if value is UNKNOWN else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if not isinstance(value, dict):
        return UNKNOWN if value == UNKNOWN_WIRE else value
    signature = value.get(SIGNATURE)
    if signature is None:
        return {name: _read(item) for name, item in value.items()}
    if signature == SECRET and "plaintext" in value:
        return Secret(_read(json.loads(value["plaintext"])))
    if signature == SECRET:
        raise EngineError("the state holds encrypted secrets; export it with `pulumi stack export --show-secrets`")
    if signature == RESOURCE:
        return Reference(value["urn"], _read(value.get("id")), value.get("packageVersion", ""))
    raise EngineError("assets and archives are not supported by the embedded engine; use the Pulumi CLI")


def provider_urn(reference: str) -> str:
    """Return the URN in a provider reference, `<urn>::<id>`, or nothing for none."""
    return reference.rpartition("::")[0]


def now() -> str:
    """Return the time as the state records it."""
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
