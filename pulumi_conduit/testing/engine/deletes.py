"""What goes at the end of an operation: what the program no longer wants, and what was replaced.

The rules are those of Pulumi's `GenerateDeletes` and `ScheduleDeletes` (`pkg/resource/deploy/step_generator.go`) and of
`performPostSteps` (`deployment_executor.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.steps import Delete, RemovePending, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.testing.engine.executor import Executor
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.states import State

__all__ = ["delete_the_rest"]


async def delete_the_rest(plan: Plan, executor: Executor) -> None:
    """Delete against the order of creation, and spare what a failed deletion still needs."""
    steps = {step.state: step for step in _deletes(plan)}
    spared: set[State] = set()
    for group in plan.graph.antichains(steps):
        for failed in executor.failed:
            if failed.old is not None and failed.old in plan.graph:
                spared |= plan.graph.transitive_dependencies(failed.old)
        await executor.run_together(steps[state] for state in group if state not in spared)


def _deletes(plan: Plan) -> Iterator[Step]:
    found = list(_doomed(plan))
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
