"""Which part of a roster a stack has: kept in state, so that every change of it is checked. Sends no request.

A change of count or label moves people between stacks. Made in one stack and not in the others, it would leave people
in none of them, or in two. So it is refused unless the declaration names the split that it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import Field, Properties, from_properties, stored, to_properties
from pulumi_conduit.resources.lifecycle import Checked, Diff, Handler, changed_names
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.urns import Urn, parse_urn

__all__ = ["PROPERTIES", "RosterShardHandler", "RosterShardSpec"]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_conduit.resources.limits import Missing

_NOWHERE = Tenant("", "")
PROPERTIES: Mapping[str, Field] = {
    "index": Field(fields.account_id, required=True),
    "count": Field(fields.account_id, required=True),
    "label": Field(fields.text()),
    "reshardFrom": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""

_RECORDED = tuple(name for name in PROPERTIES if name != "reshardFrom")


@stored
@dataclass(frozen=True)
class RosterShardSpec:
    """One part as declared, and as recorded."""

    index: int
    count: int
    label: str | None = None

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return str(self.index)

    @property
    def split(self) -> str:
        """Return the split: the count, and the label if there is one."""
        return f"{self.count}" if self.label is None else f"{self.count} by {self.label}"

    @property
    def what(self) -> str:
        """Name it in messages."""
        return f"shard {self.index}/{self.split}"

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of."""
        return to_properties(self)


class RosterShardHandler(Handler[RosterShardSpec, RosterShardSpec]):
    """The operations on one part."""

    properties: ClassVar = PROPERTIES

    def check(self, old: Properties, new: Properties) -> Checked:
        """Return the part without the change that is allowed, which is no fact to be recorded."""
        checked = super().check(old, new)
        return Checked({name: checked.inputs[name] for name in _RECORDED if name in checked.inputs}, checked.reasons)

    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Refuse a change that is not allowed, and a run that cannot read what is in the other stacks."""
        spec = self.spec(new)
        self.declare(self.key(spec), spec.what)
        reasons = [] if old == {} else self._changes(self.spec(old), spec, new.get("reshardFrom"))
        if not self.context.registry.knows_roster(self.operation.urn):
            reasons.append(
                f"{spec.what}: the provider cannot read which users are in the roster's other stacks, and would"
                " deactivate those that move there; program and provider must run on one machine, as one user"
            )
        return reasons

    def spec(self, inputs: Properties) -> RosterShardSpec:
        """Return typed inputs."""
        return from_properties(RosterShardSpec, inputs, "shard")

    def state(self, outputs: Properties) -> RosterShardSpec:
        """Return typed outputs."""
        return self.spec(outputs)

    def key(self, declared: RosterShardSpec) -> Key:  # noqa: ARG002 - a roster has one, whatever it declares
        """Return a key of this resource's own: no two share one."""
        return Key(_NOWHERE, Kind.SHARD, self.operation.urn)

    def diff(self, state: RosterShardSpec, new: Properties) -> Diff:
        """Compare; check has refused what must not change."""
        return Diff(changed_names(state.inputs(), new, _RECORDED))

    def create(self, spec: RosterShardSpec) -> RosterShardSpec:
        """Record it."""
        return spec

    def get(self, resource_id: str, profile: str | None) -> RosterShardSpec:  # noqa: ARG002 - the engine's signature
        """Refuse: a shard is in its own state only."""
        raise RefusedError("a roster's shard is in its own state only and cannot be read")

    def read(self, state: RosterShardSpec) -> RosterShardSpec | Missing:
        """Return what is recorded; there is nothing else."""
        return state

    def update(self, state: RosterShardSpec, spec: RosterShardSpec) -> RosterShardSpec:  # noqa: ARG002 - the engine's signature
        """Record it."""
        return spec

    def delete(self, state: RosterShardSpec) -> None:
        """Remove it from state, unless its roster is declared without a split: other stacks have its users then."""
        declared = map(parse_urn, self.context.registry.declarers())
        if _declares_roster(list(declared), parse_urn(self.operation.urn)):
            raise RefusedError(
                f"{state.what}: its roster is not split any more, but this stack has only a part of it; to merge the"
                f" stacks, declare shard 0/1 with '{state.split}' as the split that it comes from"
            )

    def _changes(self, old: RosterShardSpec, new: RosterShardSpec, allowed: str | None) -> list[str]:
        if old.index != new.index:
            return [f"{old.what}: this stack would become {new.what}; a stack keeps its number, so correct it"]
        if old.split in (new.split, allowed):
            return []
        reason = (
            f"{old.what}: the roster would be split into {new.split}; that moves people, and must be done in all of its"
            f" stacks: allow it in each (`pulumi config set conduit:reshardFrom '{old.split}'`) and run them all, or"
            " use `pulumi-conduit stacks up --reshard`"
        )
        return [reason]


def _declares_roster(declared: Sequence[Urn], shard: Urn) -> bool:
    """Return whether one of these resources is of a shard's roster, and not of a split one whose name goes on."""
    below = [one for one in declared if _is_of_roster(one, shard)]
    longer = [one for one in below if one.type == shard.type and one != shard]
    return any(not any(_is_of_roster(one, other) for other in longer) for one in below)


def _is_of_roster(one: Urn, shard: Urn) -> bool:
    """Say whether a resource is of the roster that a shard belongs to."""
    above, roster = shard.parent_types, shard.name.removesuffix("-shard")
    is_below = one[:2] == shard[:2] and f"{one.qualified_type}$".startswith(f"{above}$")
    return bool(roster) and is_below and one.name.startswith(f"{roster}-")
