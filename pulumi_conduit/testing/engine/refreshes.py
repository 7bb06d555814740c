"""Looks at every recorded resource, and records what it found.

The rules are those of Pulumi's `RefreshStep` (`pkg/resource/deploy/step.go`) and of `rebuildBaseState`
(`deployment_executor.go`). Check is not called; Diff is, only to say what has drifted.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.diffs import Difference, compare
from pulumi_conduit.testing.engine.partial import are_known
from pulumi_conduit.testing.engine.results import Step as Shown
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, State, now
from pulumi_conduit.testing.engine.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.testing.engine.executor import Executor
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.providers import Registry
    from pulumi_conduit.testing.engine.states import Snapshot

__all__ = ["refresh_all"]


@dataclass(eq=False)
class Refresh(Step):
    """One read of an object; `new` is None if it was not found."""

    _: KW_ONLY
    difference: Difference = field(default_factory=lambda: Difference(differs=False))

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Read it."""
        old = self.state
        self.old = self.new = old
        if not old.custom or old.type == PROVIDER_TYPE or old.pending_replacement:
            return
        provider = registry.get(old.provider)
        found = await provider.read(old, old.inputs, old.outputs)
        if not found.id:
            self.new = None
            return
        new = old.copy()
        new.id, new.outputs = found.id, found.outputs
        new.inputs = old.inputs if found.inputs is None else found.inputs
        if new.inputs != old.inputs or new.outputs != old.outputs:
            new.modified = now()
        self.new = new
        if not old.external:
            self.difference = await compare(provider, new, new, old.inputs, preview=preview)

    def commit(self, snapshot: Snapshot) -> None:
        """Record nothing: the whole state is rebuilt when every resource has been read."""

    def shown(self) -> Shown:
        """Return the result of the read."""
        op = "delete" if self.new is None else "update" if self.difference.differs else "same"
        return Shown(op, self.state.urn, self.difference.texts)


async def refresh_all(plan: Plan, executor: Executor) -> None:
    """Look at every resource it is about, also after failures, and rebuild the state from what was found."""
    selection = plan.selection
    if not are_known(plan, selection.target) or not are_known(plan, selection.exclude):
        return
    looks = {state: Refresh("refresh", old=state) for state in plan.snapshot.base if _is_looked_at(plan, state)}
    await executor.run_together(looks.values())
    plan.result.steps.clear()
    for look in looks.values():
        plan.result.show(look.shown())
    plan.snapshot.rebase(_repaired([looks[state].new if state in looks else state for state in plan.snapshot.base]))


def _is_looked_at(plan: Plan, state: State) -> bool:
    selection = plan.selection
    if not selection.target:
        return state.urn not in selection.exclude
    if state.urn in selection.target or (
        selection.target_dependents and plan.targeted & {*state.relations(), state.parent}
    ):
        plan.targeted.add(state.urn)
    return state.urn in plan.targeted


def _repaired(found: Iterable[State | None]) -> list[State]:
    """Return the remaining states, without references to removed ones."""
    resources: list[State] = []
    there: set[str] = set()
    for state in found:
        if state is None:
            continue
        state.dependencies = [urn for urn in state.dependencies if urn in there]
        kept = {name: [urn for urn in urns if urn in there] for name, urns in state.property_dependencies.items()}
        state.property_dependencies = {name: urns for name, urns in kept.items() if urns}
        state.deleted_with = state.deleted_with if state.deleted_with in there else ""
        state.parent = state.parent if state.parent in there else ""
        resources.append(state)
        there.add(state.urn)
    return resources
