"""One operation from its beginning to its end: preview, up, refresh or destroy.

The rules of a refresh are those of Pulumi's `RefreshStep` (`pkg/resource/deploy/step.go`) and of `rebuildBaseState`
(`deployment_executor.go`). Check is not called; Diff is, only to say what has drifted.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from pulumi_conduit.testing.engine.diffs import Difference, compare
from pulumi_conduit.testing.engine.files import StateFile
from pulumi_conduit.testing.engine.monitor import LogService, Monitor
from pulumi_conduit.testing.engine.partial import are_known
from pulumi_conduit.testing.engine.plan import BailError, Names, Plan, Selection, select
from pulumi_conduit.testing.engine.planner import Planner, delete_the_rest
from pulumi_conduit.testing.engine.processes import Spawning
from pulumi_conduit.testing.engine.projects import Project
from pulumi_conduit.testing.engine.providers import CHANNEL_OPTIONS, CallError, Provider, Registry
from pulumi_conduit.testing.engine.registrations import Executor, Registrations
from pulumi_conduit.testing.engine.results import EngineError, Result
from pulumi_conduit.testing.engine.results import Step as Shown
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, Namespace, State, now
from pulumi_conduit.testing.engine.steps import Step
from pulumi_conduit.testing.engine.values import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from pulumi_conduit.testing.engine.processes import Child, Launcher
    from pulumi_conduit.testing.engine.states import Snapshot

__all__ = ["OPERATIONS", "refresh_all", "run"]


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


OPERATIONS = ("preview", "up", "refresh", "destroy")
_PROGRAM = "pulumi_conduit.testing.children.program"
_PROVIDER = "pulumi_conduit.testing.children.provider"
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "grpc_proxy"}
_SAID_WHY = 32  # the program's exit code when it has reported its error


@dataclass(frozen=True)
class _Settings:
    project: Project
    environ: Mapping[str, str] = field(repr=False)
    parallel: int
    continue_on_error: bool
    selection: Selection
    launcher: Launcher


def run(  # noqa: PLR0913 - each names one thing that Pulumi's command line names
    operation: str,
    *,
    program: Path,
    state: Path,
    stack: str = "dev",
    config: Mapping[str, str | Secret] | None = None,
    environ: Mapping[str, str] | None = None,
    parallel: int = 16,
    continue_on_error: bool = False,
    target: Names = (),
    target_dependents: bool = False,
    exclude: Names = (),
    replace: Names = (),
    launcher: Launcher | None = None,
) -> Result:
    """Run an operation on the program in a folder, and keep the stack's state in a file.

    `config` goes before the stack's file, `environ` adds to this process's environment, `launcher` starts the children;
    without one they start from scratch. `target`, `exclude` and `replace` name resources by URNs, by patterns as Pulumi
    reads them, or by bare names. What fails in the program or in a provider is in the result.

    Raises:
        EngineError: it cannot be begun: no project, an unreadable state, an operation that runs already, options that
            exclude each other.

    """
    if operation not in OPERATIONS:
        raise EngineError(f"there is no operation {operation}; there are {', '.join(OPERATIONS)}")
    _refuse_a_running_loop()
    selection = select(operation, target=target, exclude=exclude, replace=replace, target_dependents=target_dependents)
    project = Project.load(Path(program), stack, config or {})
    settings = _Settings(
        project,
        _without_proxies({**os.environ, **(environ or {})}),
        parallel,
        continue_on_error,
        selection,
        launcher or Spawning(),
    )
    try:
        return _run_on(operation, settings, Path(state))
    except OSError as error:
        raise EngineError(f"the state cannot be read or kept: {error}") from error


def _run_on(operation: str, settings: _Settings, state: Path) -> Result:
    file = StateFile(state)
    try:
        snapshot = file.load()
        result = Result(operation)
        project = settings.project
        plan = Plan(
            Namespace(project.stack, project.name),
            snapshot,
            result,
            preview=operation == "preview",
            selection=settings.selection,
            hidden=tuple(one.value for one in project.config.values() if isinstance(one, Secret)),
        )
        if snapshot.inherited_pending:
            plan.report("warning", "", _pending_warning(len(snapshot.inherited_pending)))
        if not plan.preview:
            file.record(snapshot)
        asyncio.run(_Operation(settings, plan).run(operation))
        if not plan.preview:
            file.save(snapshot)
        return result
    finally:
        file.close()


def _without_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without proxies: a child reaches loopback only, and one there could lead anywhere."""
    return {name: value for name, value in environ.items() if name.lower() not in _PROXIES}


def _refuse_a_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise EngineError(
        "an event loop runs in this thread; give the operation one of its own: asyncio.to_thread(stack.up)"
    )


def _pending_warning(count: int) -> str:
    return (
        f"Attempting to deploy or update resources with {count} pending operations from previous deployment: an earlier"
        " operation was interrupted"
    )


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


async def _first(*awaited: asyncio.Task[Any]) -> None:
    await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)


class _Operation:
    def __init__(self, settings: _Settings, plan: Plan) -> None:
        self._settings, self._plan = settings, plan

    async def run(self, operation: str) -> None:
        if not are_known(self._plan, self._settings.selection.replace):
            return
        async with self._served() as (executor, registrations, registry, address):
            if operation == "refresh":
                await refresh_all(self._plan, executor)
                return
            program = self._program(address, registrations, executor) if operation in {"preview", "up"} else _nothing()
            async with program:
                await executor.drain()
                if not executor.cancelled.is_set():
                    await self._end(executor, registry)
                registrations.finish()

    async def _end(self, executor: Executor, registry: Registry) -> None:
        are_known(self._plan, self._settings.selection.target)
        try:
            await delete_the_rest(self._plan, executor, registry)
        except BailError:
            executor.cancel()
        except CallError as error:
            self._plan.report("error", "", str(error))
            executor.cancel()

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[tuple[Executor, Registrations, Registry, str]]:
        """Serve program and providers, and end them in the end."""
        server = grpc.aio.server(options=CHANNEL_OPTIONS)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        registry = Registry(lambda: self._provider(address), self._plan.snapshot)
        continues = self._settings.continue_on_error or self._plan.result.operation == "refresh"
        executor = Executor(self._plan, registry, parallel=self._settings.parallel, continue_on_error=continues)
        registrations = Registrations(
            self._plan, Planner(self._plan, registry), executor, self._settings.project.config
        )
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(registrations), server)
        engine_pb2_grpc.add_EngineServicer_to_server(LogService(registrations), server)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(server.stop, None)
            stack.push_async_callback(registry.end)
            await server.start()
            yield executor, registrations, registry, address

    def _provider(self, address: str) -> Provider:
        project = self._settings.project
        environ = {**self._settings.environ, "PULUMI_PROJECT": project.name, "PULUMI_STACK": project.stack}
        start = self._settings.launcher.start
        return Provider(lambda: start(_PROVIDER, [address], cwd=project.folder, environ=environ), self._hear)

    @asynccontextmanager
    async def _program(self, address: str, registrations: Registrations, executor: Executor) -> AsyncIterator[None]:
        """Run the program until everything is done; a failed one ends the operation."""
        child = await self._start_program(address)
        ended = asyncio.create_task(child.ended())
        complete = asyncio.create_task(registrations.are_complete.wait())
        try:
            await executor.before_cancel(asyncio.ensure_future(_first(ended, complete)))
            has_failed = ended.done() and ended.result() != 0
            if has_failed:
                self._program_failed(ended.result())
                executor.cancel()
            yield
            registrations.let_the_program_end()
            if complete.done() and not has_failed and await ended:
                self._program_failed(ended.result())
        finally:
            complete.cancel()
            await child.end()

    async def _start_program(self, address: str) -> Child:
        project = self._settings.project
        settings = {
            "program": project.main,
            "project": project.name,
            "stack": project.stack,
            "organization": "organization",
            "root_directory": str(project.root),
            "monitor": address,
            "engine": address,
            "parallel": self._settings.parallel,
            "dry_run": self._plan.preview,
        }
        environ = {**self._settings.environ, **project.environ}
        start = self._settings.launcher.start
        child = await start(_PROGRAM, [json.dumps(settings)], cwd=project.folder, environ=environ)
        child.listen(self._hear)
        return child

    def _program_failed(self, code: int) -> None:
        self._plan.result.succeeded = False
        if code != _SAID_WHY:
            self._plan.report("error", "", f"Program exited with non-zero exit code: {code}")

    def _hear(self, line: str) -> None:
        self._plan.report("info", "", line)
