"""Decides what a registration takes (nothing, a create, an update or a replacement), and what is deleted at the end.

One registration at a time. The rules, and their order, are those of Pulumi's `pkg/resource/deploy/step_generator.go`,
`GenerateDeletes` and `ScheduleDeletes` included, and of `performPostSteps` (`deployment_executor.go`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.diffs import Difference, compare, compare_inputs, delete_first, ignoring
from pulumi_conduit.testing.engine.partial import check_dependencies, includes, leave_alone, spared
from pulumi_conduit.testing.engine.plan import BailError
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, State
from pulumi_conduit.testing.engine.steps import (
    Create,
    Delete,
    Read,
    RemovePending,
    Replace,
    Same,
    Step,
    Untargeted,
    Update,
)
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pulumi_conduit.testing.engine.goals import Goal, Registration
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.providers import Configured, Registry
    from pulumi_conduit.testing.engine.registrations import Executor
    from pulumi_conduit.testing.engine.values import Properties

__all__ = ["Planner", "delete_the_rest"]


class Planner:
    """Plans the registrations of one operation."""

    def __init__(self, plan: Plan, registry: Registry) -> None:
        """Plan into a shared record of what was planned so far."""
        self._plan, self._registry = plan, registry

    async def register(self, registration: Registration) -> list[Step]:
        """Return the steps that a registration takes, in order.

        Raises:
            BailError: it is not valid.
            CallError: the provider failed.

        """
        steps = await self._steps(registration)
        check_dependencies(self._plan, steps)
        return steps

    async def _steps(self, registration: Registration) -> list[Step]:
        goal, plan = registration.goal, self._plan
        urn = self._claim(goal)
        old, alias = self._find_old(goal, urn)
        is_claimed = self._is_claimed_by_another(urn, alias)
        new = _state_from(goal, urn, old, alias)
        recreating = urn in plan.deletes
        is_included = includes(plan, new)
        if is_included:
            await self._check_anew(new, old, goal, is_new=recreating or plan.is_to_be_replaced(urn))
        else:
            self._leave_inputs(new, old)
        if is_claimed:
            raise BailError
        if not is_included and not recreating and not (old and old.external):
            return leave_alone(plan, self._registry, registration, old, new)
        if old is None:
            plan.creates.add(urn)
            return [Create("create", new=new, registration=registration)]
        if recreating:
            del plan.deletes[urn]
            plan.replaces.add(urn)
            return self._recreate(registration, old, new)
        if old.external:
            plan.creates.add(urn)
            return self._replace_create_first(registration, old, new, Difference(differs=True))
        return await self._change(registration, old, new)

    def read(self, registration: Registration) -> list[Step]:
        """Return the steps to read an external resource."""
        goal, plan = registration.goal, self._plan
        urn = self._claim(goal)
        old, alias = self._find_old(goal, urn)
        if self._is_claimed_by_another(urn, alias):
            raise BailError
        new = _state_from(goal, urn, None, alias)
        new.id, new.external = goal.id, True
        if old is not None and not old.external and old.id != goal.id:
            plan.replaces.add(urn)
            read = Read("read-replacement", old=old, new=new, registration=registration, condemns_old=True)
            return [read, Replace("replace", old=old, new=new)]
        plan.reads.add(urn)
        return [Read("read", old=old, new=new, registration=registration)]

    def _claim(self, goal: Goal) -> str:
        plan = self._plan
        if goal.parent and goal.parent not in plan.urns:
            plan.bail("", f"could not find parent resource {goal.parent}")
        urn = plan.namespace.urn(goal.parent, goal.type, goal.name)
        if urn in plan.urns:
            plan.bail(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        plan.urns.add(urn)
        return urn

    def _find_old(self, goal: Goal, urn: str) -> tuple[State | None, str]:
        """Return what was recorded of the resource, under its URN or an old one, and that old one."""
        plan = self._plan
        if urn in plan.olds:
            return plan.olds[urn], ""
        olds = plan.namespace.candidates(goal.name, goal.type, goal.parent, goal.aliases, plan.aliases)
        alias = next((one for one in olds if one != urn and one in plan.olds), "")
        return plan.olds.get(alias), alias

    def _is_claimed_by_another(self, urn: str, alias: str) -> bool:
        """Report where two resources claim to be the same recorded one."""
        plan = self._plan
        claimed = [plan.aliased[one] for one in (urn, alias) if one in plan.aliased]
        claimed += [alias] if alias in plan.urns else []
        for other in claimed:
            plan.report("error", urn, f"Duplicate resource alias: {other} and {urn} claim the same recorded resource")
        if alias:
            plan.aliased[alias] = urn
            plan.aliases[urn] = alias
        return bool(claimed)

    async def _check_anew(self, new: State, old: State | None, goal: Goal, *, is_new: bool) -> None:
        """Check the inputs, against the recorded ones where the object stays."""
        inputs = self._ignoring(goal, new.urn, old)
        kept = None if is_new or old is None or old.external else old
        await self._check(new, kept.inputs if kept else {}, inputs if kept else goal.inputs, inputs)

    def _leave_inputs(self, new: State, old: State | None) -> None:
        """Keep the recorded inputs of what the operation is not about."""
        if self._provider_of(new) is not None:
            new.inputs = old.inputs if old else {}

    def _ignoring(self, goal: Goal, urn: str, old: State | None) -> Properties:
        """Return the inputs, with the recorded ones where changes are to be ignored."""
        if old is None:
            return goal.inputs
        inputs, misfits = ignoring(goal.ignore_changes, old.inputs, goal.inputs)
        if misfits:
            message = f'cannot ignore changes in added or removed elements of the path: "{", ".join(misfits)}"'
            self._plan.report("info", urn, message)
        return inputs

    async def _check(self, new: State, olds: Properties, news: Properties, shown: Properties) -> None:
        """Replace the inputs by what the provider makes of them."""
        provider = self._provider_of(new)
        new.inputs = news
        if provider is None:
            return
        checked = await provider.check(new, olds, news, preview=self._plan.preview)
        new.inputs = checked.inputs
        for name, reason in checked.failures:
            about = f"property {name} value {{{shown.get(name)}}}" if name else f"resource '{parse_urn(new.urn).name}'"
            self._plan.report("error", new.urn, f"{new.type} {about} has a problem: {reason}")
        if checked.failures:
            raise BailError

    def _provider_of(self, state: State) -> Configured | None:
        if not state.custom or state.type == PROVIDER_TYPE:
            return None
        return self._registry.get(state.provider)

    async def _change(self, registration: Registration, old: State, new: State) -> list[Step]:
        plan, goal = self._plan, registration.goal
        difference = (await self._difference(old, new)).replacing_on(goal.replace_on_changes)
        if not difference.differs and not old.pending_replacement:
            plan.sames.add(new.urn)
            return [Same("same", old=old, new=new, registration=registration)]
        if difference.replaces or old.pending_replacement:
            return await self._replace(registration, old, new, difference)
        plan.updates.add(new.urn)
        return [Update("update", old=old, new=new, registration=registration, changes=difference.texts)]

    async def _difference(self, old: State, new: State) -> Difference:
        plan = self._plan
        if plan.is_to_be_replaced(new.urn):
            return Difference(differs=True, replaces=True)
        if new.deleted_with and new.deleted_with in plan.replaces:
            return Difference(differs=True, replaces=True)
        if bool(old.provider) != bool(new.provider):
            return Difference(differs=True, replaces=True)
        provider = self._provider_of(new)
        if provider is None:
            return compare_inputs(old, new)
        return await compare(provider, new, old, new.inputs, preview=plan.preview)

    async def _replace(self, registration: Registration, old: State, new: State, difference: Difference) -> list[Step]:
        plan, goal = self._plan, registration.goal
        if new.protect and old.protect:
            message = (
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the'
                " resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
            plan.report("error", new.urn, message)
            if not plan.preview:
                raise BailError
        plan.replaces.add(new.urn)
        if not plan.is_to_be_replaced(new.urn):  # else it was checked as a new one already
            await self._check(new, {}, goal.inputs, goal.inputs)
        first = difference.delete_first if goal.delete_before_replace is None else goal.delete_before_replace
        if not first:
            return self._replace_create_first(registration, old, new, difference)
        return [
            *await delete_first(plan, self._registry, old, new.urn),
            *self._recreate(registration, old, new, difference),
        ]

    def _replace_create_first(
        self, registration: Registration, old: State, new: State, difference: Difference
    ) -> list[Step]:
        create = Create(
            "create-replacement",
            old=old,
            new=new,
            registration=registration,
            changes=difference.texts,
            condemns_old=True,
        )
        return [create, Replace("replace", old=old, new=new, changes=difference.texts)]

    def _recreate(
        self, registration: Registration, old: State, new: State, difference: Difference | None = None
    ) -> list[Step]:
        changes = difference.texts if difference else ()
        create = Create("create-replacement", old=old, new=new, registration=registration, changes=changes)
        return [Replace("replace", old=old, new=new, changes=changes), create]


def _state_from(goal: Goal, urn: str, old: State | None, alias: str) -> State:
    return State(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        provider=goal.provider,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        protect=bool(goal.protect),
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=[alias] if alias else [],
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        custom_timeouts=goal.custom_timeouts,
        created=old.created if old else "",
        modified=old.modified if old else "",
    )


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
