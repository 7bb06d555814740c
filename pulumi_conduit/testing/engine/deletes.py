"""What goes at the end of an operation: what the program no longer wants, and what was replaced.

The rules are those of Pulumi's `GenerateDeletes` and `ScheduleDeletes` (`pkg/resource/deploy/step_generator.go`) and of
`performPostSteps` (`deployment_executor.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.partial import spared
from pulumi_conduit.testing.engine.plan import BailError
from pulumi_conduit.testing.engine.steps import Delete, RemovePending, Step, Untargeted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pulumi_conduit.testing.engine.executor import Executor
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.providers import Registry
    from pulumi_conduit.testing.engine.states import State

__all__ = ["delete_the_rest"]


async def delete_the_rest(plan: Plan, executor: Executor, registry: Registry) -> None:
    """Delete against the order of creation, and spare what a failed deletion still needs.

    Raises:
        BailError: something would go that is no target.

    """
    kept = await spared(plan, registry)
    steps = {step.state: step for step in _deletes(plan, kept)}
    _check_targets(plan, list(steps.values()))
    for state in _left_alone(plan, kept):
        await executor.run_together([Untargeted.of(state)])
    needed: set[State] = set()
    for group in plan.graph.antichains(steps):
        for failed in executor.failed:
            if failed.old is not None and failed.old in plan.graph:
                needed |= plan.graph.transitive_dependencies(failed.old)
        await executor.run_together(steps[state] for state in group if state not in needed)


def _deletes(plan: Plan, kept: Collection[str]) -> Iterator[Step]:
    found = [step for step in _doomed(plan) if step.state.urn not in kept]
    for step in found:
        plan.deletes[step.state.urn] = True
    yield from found


def _doomed(plan: Plan) -> Iterator[Step]:
    for state in plan.snapshot.base:
        if state.delete:
            if state not in plan.pending_deletes:
                op = "discard-replaced" if state.external else "delete-replaced"
                yield Delete(op, old=state, others=plan.deletes, is_replacing=True)
        elif not plan.is_kept(state.urn):
            if state.pending_replacement:
                yield RemovePending("remove-pending-replace", old=state)
            else:
                yield Delete("discard" if state.external else "delete", old=state, others=plan.deletes)


def _left_alone(plan: Plan, kept: Collection[str]) -> list[State]:
    """Return what the program no longer wants and the operation is not about."""
    return [
        state for state in plan.snapshot.base if state.urn in kept and not state.delete and not plan.is_kept(state.urn)
    ]


def _check_targets(plan: Plan, steps: Collection[Step]) -> None:
    """Report what would be deleted only because it depends on a target.

    Raises:
        BailError: in an update.

    """
    selection = plan.selection
    if not selection.target or selection.target_dependents:
        return
    unnamed = [step.state.urn for step in steps if step.state.urn not in selection.target]
    for urn in unnamed:
        plan.report(
            "error",
            urn,
            f"Resource '{urn}' will be destroyed but was not specified in --target list.\nEither include resource in"
            " --target list or pass --target-dependents to proceed.",
        )
    if unnamed and not plan.preview:
        raise BailError
