"""Carries out steps: chains side by side, the steps of one chain in turn, and no further once something has failed.

The rules are those of Pulumi's `pkg/resource/deploy/step_executor.go`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.providers import CallError
from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.results import Step as Shown
from pulumi_conduit.testing.engine.steps import ProtectedError, RemovePending, Replace, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.providers import Registry
    from pulumi_conduit.testing.engine.states import State

__all__ = ["Executor"]


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
