"""Registrations of the program, from request to response: planned one by one, and their steps executed in parallel.

Chains of steps run side by side, the steps of one chain in turn, and no further once something has failed. The rules
are those of Pulumi's `pkg/resource/deploy/step_executor.go`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.goals import Goal, Registration
from pulumi_conduit.testing.engine.plan import BailError
from pulumi_conduit.testing.engine.providers import CallError
from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.results import Step as Shown
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, STACK_TYPE
from pulumi_conduit.testing.engine.steps import ProtectedError, RemovePending, Replace, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.planner import Planner
    from pulumi_conduit.testing.engine.providers import Registry
    from pulumi_conduit.testing.engine.states import State
    from pulumi_conduit.testing.engine.values import Properties, Secret

__all__ = ["Executor", "Registrations", "ShutDownError"]


# What the SDK logs when a registration ends with UNAVAILABLE. Pulumi's log service is closed by then.
_MONITOR_HAS_ENDED = "Resource monitor has terminated, shutting down"


class ShutDownError(Exception):
    """The operation has failed: the program gets no further response."""


class Registrations:
    """Serves the program of one operation."""

    def __init__(self, plan: Plan, planner: Planner, executor: Executor, config: Mapping[str, str | Secret]) -> None:
        """Plan and carry out what comes; `config` is the default provider's."""
        self._plan, self._planner, self._executor = plan, planner, executor
        self._config = dict(config)
        self._one_at_a_time = asyncio.Lock()
        self._default: asyncio.Task[str] | None = None
        self._goals: dict[str, Goal] = {}
        self._stack_outputs: Properties | None = None
        self.are_complete = asyncio.Event()  # the program has come to its end, and waits
        self._may_end = asyncio.Event()

    async def register(self, goal: Goal) -> State | None:
        """Create, change or keep a resource; return None where that failed and the operation goes on.

        Raises:
            EngineError: the embedded engine does not do it.
            ShutDownError: the operation has failed.

        """
        if goal.parent in self._goals:
            goal.inherit(self._goals[goal.parent])
        if not goal.custom:
            goal.provider = ""  # what a component inherits is for its children, who look it up themselves
        elif goal.type != PROVIDER_TYPE:
            goal.provider = await self._provider_for(goal)
        self._goals[self.urn(goal)] = goal
        state = await self._settle(goal)
        if state is not None:
            self._goals[state.urn] = goal  # under an old name where the operation is not about it
        return state

    async def read(self, goal: Goal) -> State | None:
        """Look at a resource that the program does not own."""
        goal.provider = await self._provider_for(goal)
        return await self._settle(goal)

    async def _settle(self, goal: Goal) -> State | None:
        registration = Registration(goal, asyncio.get_running_loop().create_future())
        async with self._one_at_a_time:
            await self._plan_it(registration)
        if not await self._executor.before_cancel(registration.settled):
            raise ShutDownError
        return registration.settled.result()

    async def _plan_it(self, registration: Registration) -> None:
        if self._executor.cancelled.is_set():
            raise ShutDownError
        try:
            if registration.goal.id:
                chain = self._planner.read(registration)
            else:
                chain = await self._planner.register(registration)
        except BailError:
            self._executor.cancel()
        except CallError as error:
            self._plan.report("error", self.urn(registration.goal), str(error))
            self._executor.cancel()
        else:
            self._executor.submit_registered(chain)

    async def _provider_for(self, goal: Goal) -> str:
        _check_type(goal)
        above = self._goals.get(goal.parent)
        given = goal.provider or goal.providers.get(goal.package) or (above and above.providers.get(goal.package))
        if given:
            return given
        if self._default is None:
            self._default = asyncio.create_task(self._register_default())
        return await asyncio.shield(self._default)

    async def _register_default(self) -> str:
        state = await self._settle(Goal(PROVIDER_TYPE, "default", custom=True, inputs=self._config))
        if state is None:
            raise ShutDownError
        return f"{state.urn}::{state.id}"

    async def wait_for_the_end(self) -> None:
        """Take it that the program registers no more, and keep it until everything is done."""
        self.are_complete.set()
        await self._may_end.wait()

    def let_the_program_end(self) -> None:
        """Keep the program no longer."""
        self._may_end.set()

    def urn(self, goal: Goal) -> str:
        """Return a goal's URN."""
        return self._plan.namespace.urn(goal.parent, goal.type, goal.name)

    def is_skipped(self, state: State) -> bool:
        """Return whether the program has a resource that this operation does not create."""
        return state.urn in self._plan.skipped

    def find(self, urn: str) -> State | None:
        """Return what a URN stands for now."""
        return self._executor.news.get(urn)

    def log(self, severity: str, urn: str, message: str) -> None:
        """Show messages of the program or a provider, but not that the program met the end of a failed operation."""
        if not (self._executor.cancelled.is_set() and message == _MONITOR_HAS_ENDED):
            self._plan.log(severity, urn, message)

    def refuse(self, error: EngineError) -> None:
        """End the operation for something that the embedded engine does not do."""
        self._plan.report("error", "", str(error))
        self._executor.cancel()

    async def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Take the outputs of a component, or those of the stack, which wait for the end."""
        if urn in self._plan.skipped:
            return
        state = self._executor.news.get(urn)
        if state is None:
            raise EngineError(f"cannot complete a resource '{urn}' whose registration isn't pending")
        if state.type == STACK_TYPE:
            self._stack_outputs = outputs
            return
        state.outputs = outputs
        self._plan.snapshot.rewrite(state, urgent=False)

    def finish(self) -> None:
        """Set the stack's outputs; after a failure, those that the program did not come to stay as they were."""
        stack = next((state for state in self._executor.news.values() if state.type == STACK_TYPE), None)
        if stack is None:
            return
        if self._stack_outputs is not None:
            kept = {} if self._plan.result.succeeded else stack.outputs
            stack.outputs = {**kept, **self._stack_outputs}
            self._plan.snapshot.rewrite(stack)
        self._plan.result.outputs = stack.outputs


def _check_type(goal: Goal) -> None:
    if goal.package != "pulumi-python":
        raise EngineError(
            f"resource {goal.name} ({goal.type}) needs a plugin; the embedded engine runs dynamic resources only,"
            " use the Pulumi CLI"
        )


class Executor:
    """Carries out the steps of one operation."""

    def __init__(self, plan: Plan, registry: Registry, *, parallel: int, continue_on_error: bool) -> None:
        """Run up to `parallel` chains at a time."""
        self._plan, self._registry, self._continue_on_error = plan, registry, continue_on_error
        self._workers = asyncio.Semaphore(parallel)
        self._chains: set[asyncio.Task[None]] = set()
        self._skipped: set[str] = set()
        self.cancelled = asyncio.Event()
        self.failed: list[Step] = []
        self.news: dict[str, State] = {}  # what each URN stands for now, once its step is done

    def submit_registered(self, chain: Sequence[Step]) -> None:
        """Begin the steps of a registration, without those that need what has failed."""
        self._submit([step for step in chain if not self._skips(step)])

    def _submit(self, chain: Sequence[Step]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(chain))
        self._chains.add(task)
        task.add_done_callback(self._chains.discard)
        return task

    async def drain(self) -> None:
        """Wait until nothing is on its way."""
        while self._chains:
            await asyncio.gather(*self._chains)

    async def run_together(self, steps: Iterable[Step]) -> None:
        """Carry out steps that do not depend on each other."""
        await asyncio.gather(*(self._submit([step]) for step in steps))

    async def before_cancel(self, awaited: asyncio.Future[Any]) -> bool:
        """Wait for an event, or for the operation to be cancelled; return whether it occurred."""
        stopped = asyncio.ensure_future(self.cancelled.wait())
        await asyncio.wait({awaited, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        return awaited.done()

    def cancel(self) -> None:
        """Begin nothing more; what is on its way comes to its end."""
        self.cancelled.set()

    def _skips(self, step: Step) -> bool:
        self._skipped.update(failed.state.urn for failed in self.failed)
        if not self._skipped & {*step.state.relations(), step.state.parent}:
            return False
        self._skipped.add(step.state.urn)
        if step.registration is not None:
            step.registration.settle(None)
        return True

    async def _run(self, chain: Sequence[Step]) -> None:
        async with self._workers:
            for step in chain:
                if self.cancelled.is_set() or not await self._carry_out_or_break(step):
                    return

    async def _carry_out_or_break(self, step: Step) -> bool:
        """Carry a step out; where the engine itself fails, the operation stays pending: its outcome is unknown."""
        try:
            return await self._carry_out(step)
        except Exception as error:  # noqa: BLE001 - whatever it is, the program must not wait for ever
            known = isinstance(error, EngineError)
            self._plan.report("error", step.state.urn, str(error) if known else f"{type(error).__name__}: {error}")
            self.cancel()
            return False

    async def _carry_out(self, step: Step) -> bool:
        plan = self._plan
        if plan.preview:
            self._show(step)
        if step.pending_kind and not plan.preview:
            plan.snapshot.begin(step.pending_kind, step.state)
        try:
            await step.apply(self._registry, preview=plan.preview)
        except (CallError, ProtectedError) as error:
            self._fail(step, error)
            return False
        if not isinstance(step, Replace):
            step.classify_outputs()
            step.commit(plan.snapshot)
        if not plan.preview:
            self._show(step)
        if step.new is not None:
            self.news[step.new.urn] = step.new
        if step.registration is not None:
            step.registration.settle(step.new)
        return True

    def _show(self, step: Step) -> None:
        if not isinstance(step, RemovePending):  # Pulumi does not show it either: no object changes
            self._plan.result.show(Shown(step.op, step.state.urn, step.changes))

    def _fail(self, step: Step, error: Exception) -> None:
        self._plan.report("error", step.state.urn, str(error))
        if step.pending_kind and not self._plan.preview:
            self._plan.snapshot.fail(step.state)
        if self._continue_on_error or isinstance(error, ProtectedError):
            self.failed.append(step)
            if step.registration is not None:
                step.registration.settle(None)
        else:
            self.cancel()
