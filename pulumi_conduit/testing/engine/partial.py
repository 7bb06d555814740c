"""What becomes of the resources that an operation leaves out: they are neither checked nor changed nor deleted.

The rules are those of Pulumi's `isIncludedInOperation`, `validateSteps`, `determineAllowedResourcesToDeleteFromTargets`
and `determineForbiddenResourcesToDeleteFromExcludes` (`pkg/resource/deploy/step_generator.go`) and of `checkTargets`
(`deployment_executor.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.diffs import replaced_too
from pulumi_conduit.testing.engine.plan import BailError
from pulumi_conduit.testing.engine.providers import CallError
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, STACK_TYPE, State, provider_urn
from pulumi_conduit.testing.engine.steps import Skipped, Step, Untargeted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pulumi_conduit.testing.engine.goals import Registration
    from pulumi_conduit.testing.engine.plan import Plan, Urns
    from pulumi_conduit.testing.engine.providers import Registry

__all__ = ["are_known", "check_dependencies", "includes", "leave_alone", "spared"]


def includes(plan: Plan, state: State) -> bool:
    """Return whether the operation is about a resource; it always is about the stack and the providers."""
    if state.type in {PROVIDER_TYPE, STACK_TYPE}:
        return True
    selection = plan.selection
    if not selection.target:
        return state.urn not in selection.exclude
    dependents = selection.target_dependents and not plan.targeted.isdisjoint(_needs(state))
    if state.urn not in selection.target and not dependents:
        return False
    plan.targeted.add(state.urn)
    return True


def _needs(state: State) -> set[str]:
    return {*state.relations(), state.parent, provider_urn(state.provider)} - {""}


def leave_alone(
    plan: Plan, registry: Registry, registration: Registration, old: State | None, new: State
) -> list[Step]:
    """Return the steps of a registered resource that the operation is not about.

    Raises:
        BailError: what it needs is not recorded.
        CallError: its recorded provider is not registered.

    """
    if old is None:
        plan.sames.add(new.urn)
        plan.skipped.add(new.urn)
        return [Skipped("same", old=new.copy(), new=new, registration=registration)]
    if old.provider and not registry.has(old.provider):
        raise CallError(
            f"provider {old.provider} for resource {new.urn} has not been registered yet, this is due to a change of"
            " providers mixed with --target. Change your program back to the original providers"
        )
    plan.sames.add(new.urn)
    return [*_carried_over(plan, old, new.urn), Untargeted.of(old, registration)]


def _carried_over(plan: Plan, old: State, urn: str) -> Iterator[Step]:
    """Record again what the resource needs and the program no longer has, so that the order stays valid."""
    plan.urns.add(old.urn)
    plan.sames.add(old.urn)
    for needed in [provider_urn(old.provider), old.parent, *old.relations()]:
        if not needed or needed in plan.planned_urns() or plan.is_kept(needed):
            continue
        found = plan.olds.get(needed)
        if found is None:
            plan.bail("", f"dependency {needed} of untargeted resource {urn} has no old state")
        yield from _carried_over(plan, found, urn)
        yield Untargeted.of(found)


def check_dependencies(plan: Plan, steps: Iterable[Step]) -> None:
    """Report what is to be made or changed and needs a resource that is left out and not there.

    Raises:
        BailError: in an update.

    """
    for step in steps:
        if step.new is None or isinstance(step, Skipped):
            continue
        if plan.selection.exclude and not plan.preview:
            _check_excluded(plan, step.new)
        if not plan.selection.target and not plan.selection.replace:
            continue
        for urn in _needs(step.new) & plan.missing():
            message = f"Resource '{step.new.urn}' depends on '{urn}' which was was not specified in --target list."
            plan.report("error", step.new.urn, message)
            plan.reported.add(urn)
            if not plan.preview:
                raise BailError


def _check_excluded(plan: Plan, state: State) -> None:
    """Refuse what leaves Pulumi with a state that it cannot read any more: it does not look.

    Raises:
        BailError: a resource needs one that is new and excluded.

    """
    for urn in _needs(state) & plan.skipped:
        plan.bail(
            state.urn,
            f"{state.urn} refers to missing dependency {urn}, which is excluded and does not exist: Pulumi writes a"
            " state here that it then refuses to read (snapshot integrity error); exclude what needs it as well",
        )


def are_known(plan: Plan, named: Urns) -> bool:
    """Return whether every URN that was named in full is one of this stack, and report those that are not."""
    there = {state.urn for state in plan.snapshot.base} | plan.urns
    unknown = [urn for urn in named.literals if urn not in there]
    for urn in unknown:
        plan.report("error", "", f"Target '{urn}' could not be found in the stack.")
    return not unknown


async def spared(plan: Plan, registry: Registry) -> set[str]:
    """Return the URNs that may not be deleted."""
    selection = plan.selection
    if selection.target:
        return {state.urn for state in plan.snapshot.base} - await _deletable(plan, registry)
    return _needed_by_excluded(plan) if selection.exclude else set()


async def _deletable(plan: Plan, registry: Registry) -> set[str]:
    """Return the targets and all that depends on them, also as children."""
    todo = [state for state in plan.snapshot.base if state.urn in plan.selection.target]
    found: set[str] = set()
    while todo:
        state = todo.pop(0)
        if state.urn not in found:
            found.add(state.urn)
            todo += plan.graph.depending_on(state, found, also_children=True)
    for state in plan.snapshot.base:
        if state.urn in found:
            found |= {one.urn for one in await replaced_too(plan, registry, state)}
    return found


def _needed_by_excluded(plan: Plan) -> set[str]:
    todo = [state for state in plan.snapshot.base if state.urn in plan.selection.exclude]
    found: set[str] = set()
    while todo:
        state = todo.pop(0)
        if state.urn not in found:
            found.add(state.urn)
            todo += plan.graph.dependencies_of(state)
    return found & plan.olds.keys()
