"""Registrations of the program, from request to response: planned one by one, executed in parallel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.goals import Goal, Registration
from pulumi_conduit.testing.engine.plan import BailError
from pulumi_conduit.testing.engine.providers import CallError
from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, STACK_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.testing.engine.executor import Executor
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.planner import Planner
    from pulumi_conduit.testing.engine.states import State
    from pulumi_conduit.testing.engine.values import Properties, Secret

__all__ = ["Registrations", "ShutDownError"]

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
