"""A stack for a test: the user's program, a sandbox, and the embedded engine between them."""

from __future__ import annotations

import inspect
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pulumi_conduit.testing.engine import EngineError, Names, Result, Secret, run
from pulumi_conduit.testing.report import error_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher

__all__ = ["OperationFailed", "Program", "Stack"]

Program: TypeAlias = "str | os.PathLike[str] | Callable[[], object]"
_OURS = ("CONDUIT_", "CONDUCTOR_")
_KEPT = {"CONDUIT_TESTING_ANY_LOOPBACK", "CONDUIT_SDK_HOOKS"}  # they are about this machine, not about the APIs
_MAIN = """\
import importlib.util
import sys

sys.path.extend({path!r})
spec = importlib.util.spec_from_file_location({module!r}, {file!r})
module = importlib.util.module_from_spec(spec)
sys.modules[{module!r}] = module
spec.loader.exec_module(module)
module.{name}()
"""


class OperationFailed(AssertionError):  # noqa: N818 - named for what a test reads
    """An operation failed. `result` has the steps and all messages."""

    def __init__(self, result: Result) -> None:
        """Show the errors, one per line."""
        super().__init__("\n".join([f"{result.operation} failed:", *error_lines(result)]))
        self.result = result


class Stack:
    """One stack of one program against one sandbox."""

    def __init__(  # noqa: PLR0913 - what makes a stack
        self,
        program: Program,
        sandbox: Sandbox,
        folder: Path,
        *,
        name: str = "test",
        config: Mapping[str, str | Secret] | None = None,
        launcher: Launcher | None = None,
    ) -> None:
        """Set up an empty stack.

        `program` is the folder of a project, or a function at the top of a module. The stack's own files go into
        `folder`. `config` goes before the project's files; `Secret(…)` marks what is secret.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.sandbox = sandbox
        self.name = name
        self.config = dict(config or {})
        self.state_file = folder / "state.json"
        self._program = _project_of(program, folder / "program") if callable(program) else Path(program)
        self._launcher = launcher

    def preview(
        self, *, target: Names = (), target_dependents: bool = False, exclude: Names = (), replace: Names = ()
    ) -> Result:
        """Say what `up` would do."""
        return self._run(
            "preview", target=target, target_dependents=target_dependents, exclude=exclude, replace=replace
        )

    def up(
        self, *, target: Names = (), target_dependents: bool = False, exclude: Names = (), replace: Names = ()
    ) -> Result:
        """Run `up`, for all resources or for some, with Pulumi's options of these names."""
        return self._run("up", target=target, target_dependents=target_dependents, exclude=exclude, replace=replace)

    def refresh(self, *, target: Names = (), target_dependents: bool = False, exclude: Names = ()) -> Result:
        """Look at what is there."""
        return self._run("refresh", target=target, target_dependents=target_dependents, exclude=exclude)

    def destroy(self, *, target: Names = (), target_dependents: bool = False, exclude: Names = ()) -> Result:
        """Take everything down that can be taken down."""
        return self._run("destroy", target=target, target_dependents=target_dependents, exclude=exclude)

    def resources(self) -> list[dict[str, object]]:
        """Return the recorded resources."""
        if not self.state_file.exists():
            return []
        return list(json.loads(self.state_file.read_text(encoding="utf-8"))["deployment"]["resources"])

    def _run(self, operation: str, **selection: Any) -> Result:
        """Run an operation.

        Raises:
            OperationFailed: the program or the provider failed.
            EngineError: the operation could not begin.

        """
        result = run(
            operation,
            program=self._program,
            state=self.state_file,
            stack=self.name,
            config=self.config,
            environ={**_without_ours(), **self.sandbox.environ()},
            launcher=self._launcher,
            **selection,
        )
        if not result.succeeded:
            raise OperationFailed(result)
        return result


def _without_ours() -> dict[str, str]:
    """Return empty values for the settings of the user who runs the tests, so that they are not used."""
    return {name: "" for name in os.environ if name.startswith(_OURS) and name not in _KEPT}


def _project_of(function: Callable[[], object], folder: Path) -> Path:
    """Write a project whose program calls a function."""
    name = getattr(function, "__qualname__", "")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise EngineError(f"{name} is a coroutine or a generator: calling it would declare nothing")
    if not inspect.isfunction(function) or not name.isidentifier():
        raise EngineError(
            f"{name or function!r} is no function at the top of a module, so no other process can call it"
        )
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: test\nruntime: python\n", encoding="utf-8")
    main = _MAIN.format(path=sys.path, module=function.__module__, file=inspect.getfile(function), name=name)
    (folder / "__main__.py").write_text(main, encoding="utf-8")
    return folder
