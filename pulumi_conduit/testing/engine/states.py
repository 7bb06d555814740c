"""One resource as Pulumi's deployment format, version 3, records it, its old names, and all of a stack in memory."""

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
from pulumi_conduit.urns import STACK_TYPE, parse_urn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

__all__ = ["PROVIDER_TYPE", "STACK_TYPE", "Alias", "Namespace", "Snapshot", "State", "now", "provider_urn", "renamed"]

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


class Snapshot:
    """The resources of a stack during one operation."""

    def __init__(self, base: Iterable[State] = (), pending: Iterable[tuple[str, State]] = ()) -> None:
        """Start from what was recorded."""
        self.base = list(base)
        self.inherited_pending = list(pending)
        self._made: list[State] = []
        self._done: set[State] = set()
        self._numbered = list(self.base)
        self._numbers = {state: number for number, state in enumerate(self._numbered)}
        self._pending: dict[State, str] = {}
        self.listener: Callable[[dict[str, Any], bool], None] | None = None

    def resources(self) -> list[State]:
        """Return everything that is there now."""
        return [state for state in (*self._made, *self.base) if state not in self._done]

    def pending(self) -> list[tuple[str, State]]:
        """Return the operations that began and are not known to have ended.

        Creates that an earlier operation left pending stay, as in Pulumi: whether they took place is not known.
        """
        creates = [(kind, state) for kind, state in self.inherited_pending if kind == "creating"]
        return [(kind, state) for state, kind in self._pending.items()] + creates

    def begin(self, kind: str, state: State) -> None:
        """Record an intent before it is carried out."""
        self._pending[state] = kind
        self._tell({"begin": self._number(state), "kind": kind, "resource": state.to_json()})

    def end(
        self,
        about: State,
        *,
        made: State | None = None,
        done: Collection[State] = (),
        rewritten: Collection[State] = (),
        urgent: bool = True,
    ) -> None:
        """Record that an intent has ended: what it created, deleted and updated."""
        self._pending.pop(about, None)
        self._done.update(done)
        change: dict[str, Any] = {"end": self._number(about), "done": [self._number(state) for state in done]}
        change["rewritten"] = [[self._number(state), state.to_json()] for state in rewritten]
        if made is not None:
            self._made.append(made)
            change |= {"made": self._number(made), "resource": made.to_json()}
        self._tell(change, urgent=urgent)

    def fail(self, about: State) -> None:
        """Record that an intent has ended and changed nothing."""
        self._pending.pop(about, None)
        self._tell({"end": self._number(about), "done": [], "rewritten": []})

    def rewrite(self, state: State, *, urgent: bool = True) -> None:
        """Record that a state has changed in place."""
        self._tell({"rewritten": [[self._number(state), state.to_json()]]}, urgent=urgent)

    def rebase(self, resources: Iterable[State]) -> None:
        """Replace what was recorded before, as a refresh does."""
        self.base = list(resources)
        for state in self.base:
            self._number(state)

    def replay(self, change: dict[str, Any]) -> None:
        """Repeat a recorded change."""
        if "begin" in change:
            self._pending[self._recorded(change["begin"], change["resource"])] = change["kind"]
        if "made" in change:
            self._made.append(self._recorded(change["made"], change["resource"]))
        for number, record in change.get("rewritten", ()):
            self._recorded(number, record)
        if "end" in change:
            self._pending.pop(self._numbered[change["end"]], None)
            self._done.update(self._numbered[number] for number in change["done"])

    def _recorded(self, number: int, record: dict[str, Any]) -> State:
        """Return the state of that number as recorded; numbers are given in the order of first mention."""
        state = State.from_json(record)
        if number < len(self._numbered):
            self._numbered[number].__dict__.update(state.__dict__)
        else:
            self._number(state)
        return self._numbered[number]

    def _number(self, state: State) -> int:
        if state not in self._numbers:
            self._numbers[state] = len(self._numbered)
            self._numbered.append(state)
        return self._numbers[state]

    def _tell(self, change: dict[str, Any], *, urgent: bool = True) -> None:
        if self.listener is not None:
            self.listener(change, urgent)

    def to_json(self) -> dict[str, Any]:
        """Return the deployment's resources and pending operations, with every URN as it is called now."""
        resources = renamed([state.to_json() for state in self.resources()])
        pending = [{"resource": state.to_json(), "type": kind} for kind, state in self.pending()]
        return {"resources": resources} | ({"pending_operations": pending} if pending else {})


@dataclass(frozen=True)
class Alias:
    """What a resource was called; what is empty is as it is now."""

    urn: str = ""
    name: str = ""
    type: str = ""
    parent: str = ""
    no_parent: bool = False
    project: str = ""
    stack: str = ""


@dataclass(frozen=True)
class Namespace:
    """The stack and project that URNs begin with."""

    stack: str
    project: str

    def urn(self, parent: str, kind: str, name: str) -> str:
        """Return the URN of a resource."""
        qualified = parse_urn(parent).qualified_type if parent else ""
        prefix = f"{qualified}$" if qualified not in {"", STACK_TYPE} else ""
        return f"urn:pulumi:{self.stack}::{self.project}::{prefix}{kind}::{name}"

    def candidates(
        self, name: str, kind: str, parent: str, aliases: Sequence[Alias], used: Mapping[str, str]
    ) -> list[str]:
        """Return the old URNs that a resource may have had, best first.

        `used` gives, for each parent that took over an old URN, that URN: its children may have been under it.
        """
        found = [self._collapsed(alias, name, kind, parent, used) for alias in aliases]
        if parent in used:
            own = self.urn(used[parent], kind, _inherited_name(name, parent, used[parent]))
            found.append(own)
            for urn in found[:-1]:
                old_kind, old_name = parse_urn(urn).type, _name(urn)
                found.append(self.urn(used[parent], old_kind, _inherited_name(old_name, parent, used[parent])))
        return list(dict.fromkeys(found))

    def _collapsed(self, alias: Alias, name: str, kind: str, parent: str, used: Mapping[str, str]) -> str:
        if alias.urn:
            return alias.urn
        above = used.get(alias.parent, alias.parent) if alias.parent else parent
        place = Namespace(alias.stack or self.stack, alias.project or self.project)
        return place.urn("" if alias.no_parent else above, alias.type or kind, alias.name or name)


def _name(urn: str) -> str:
    return parse_urn(urn).name


def _inherited_name(name: str, parent: str, old_parent: str) -> str:
    now = _name(parent)
    return _name(old_parent) + name[len(now) :] if name.startswith(now) else name


def renamed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follow the aliases through all references, and drop them: they have done their work."""
    names: dict[str, str] = {}
    for record in records:
        names.update(dict.fromkeys(record.get("aliases", ()), record["urn"]))
        parent = names.get(record.get("parent", ""), "")
        if parent and parse_urn(parent).type != STACK_TYPE:
            names[record["urn"]] = _under(parent, record["urn"])
    return [_follow(record, names) for record in records] if names else records


def _under(parent: str, urn: str) -> str:
    below = parse_urn(urn)
    return Namespace(below.stack, below.project).urn(parent, below.type, below.name)


def _follow(record: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def fix(urn: str) -> str:
        return names.get(urn, urn)

    followed = {key: value for key, value in record.items() if key != "aliases"}
    for key in ("urn", "parent", "deletedWith"):
        if key in followed:
            followed[key] = fix(followed[key])
    if "provider" in followed:
        urn, reference = provider_urn(followed["provider"]), followed["provider"]
        followed["provider"] = fix(urn) + reference[len(urn) :]
    if "dependencies" in followed:
        followed["dependencies"] = [fix(urn) for urn in followed["dependencies"]]
    if "propertyDependencies" in followed:
        before = followed["propertyDependencies"]
        after = {name: [fix(urn) for urn in urns] for name, urns in before.items()}
        # Pulumi, too, drops the empty lists of a resource that it rewrites, and of no other.
        followed["propertyDependencies"] = (
            before if after == before else {name: urns for name, urns in after.items() if urns}
        )
    return followed
