"""What must go first, so that an object can be deleted before its replacement is created.

The rules are those of Pulumi's `calculateDependentReplacements` and `findDependentCascadeReplacements`
(`pkg/resource/deploy/step_generator.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.diffs import compare
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, State, provider_urn
from pulumi_conduit.testing.engine.steps import Delete
from pulumi_conduit.testing.engine.values import UNKNOWN

if TYPE_CHECKING:
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.registry import Registry

__all__ = ["delete_first", "replaced_too"]


async def delete_first(plan: Plan, registry: Registry, old: State, urn: str) -> list[Delete]:
    """Return the deletions that come before a replacement: of those that depend on the object, then of itself.

    Raises:
        BailError: one of them is protected.

    """
    dependents = [*await replaced_too(plan, registry, old), *_deleted_with(plan, urn)]
    doomed = [state for state in reversed(dependents) if state not in plan.pending_deletes]
    for state in doomed:
        if state.protect and not state.delete:
            message = f'unable to replace resource "{state.urn}" as part of replacing "{urn}": it is protected'
            plan.bail(urn, message)
    plan.pending_deletes.update(doomed)
    if not old.pending_replacement:
        doomed.append(old)
    plan.deletes.update(dict.fromkeys((state.urn for state in doomed), True))
    return [_deletion(state, plan) for state in dict.fromkeys(doomed)]


async def replaced_too(plan: Plan, registry: Registry, root: State) -> list[State]:
    """Return the dependents that a new object of `root` would replace as well."""
    replaced, urns = [], {root.urn}
    for candidate in plan.graph.depending_on(root, plan.planned_urns()):
        if await _must_follow(candidate, urns, registry):
            replaced.append(candidate)
            urns.add(candidate.urn)
    return replaced


async def _must_follow(state: State, replaced: set[str], registry: Registry) -> bool:
    if not state.custom or state.external:
        return False
    if provider_urn(state.provider) in replaced or state.deleted_with in replaced:
        return True
    touched = {name for name, urns in state.property_dependencies.items() if replaced & set(urns)}
    if not touched & state.inputs.keys() or state.type == PROVIDER_TYPE:
        return False
    inputs = {name: UNKNOWN if name in touched else value for name, value in state.inputs.items()}
    found = await compare(registry.get(state.provider), state, state, inputs, preview=True)
    return found.replacing_on(state.replace_on_changes).replaces


def _deleted_with(plan: Plan, urn: str) -> list[State]:
    return [state for state in plan.olds.values() if state.deleted_with == urn]


def _deletion(state: State, plan: Plan) -> Delete:
    leaves_record = not state.delete
    return Delete("delete-replaced", old=state, others=plan.deletes, is_replacing=True, leaves_record=leaves_record)
