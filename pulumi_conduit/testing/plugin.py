"""The pytest fixtures that users get with the package.

pytest loads this module at every start, so that it imports nothing but pytest; the sandbox and the engine come with the
first test that asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher
    from pulumi_conduit.testing.stack import Program, Stack

__all__ = ["PRELOADED", "conduit_launcher", "conduit_sandbox", "conduit_stack"]

# What every provider process loads and no test edits.
PRELOADED = (
    "pulumi_conduit.server.dynamic_provider",
    "pulumi_conduit.api.factory",
    "pulumi_conduit.resources.user_cache",
)


@pytest.fixture
def conduit_sandbox() -> Iterator[Sandbox]:
    """Give the test a fresh stand-in of both APIs; it sets no environment variable, see `Sandbox.environ`."""
    from pulumi_conduit.sandbox import Sandbox  # noqa: PLC0415 - pytest's start must stay cheap

    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def conduit_launcher() -> Iterator[Launcher]:
    """Start the processes of all stacks: where that is safe, as forks of a warm interpreter, which is much faster."""
    from pulumi_conduit.testing.engine import fork_launcher  # noqa: PLC0415 - likewise

    # A function that is a program is in a test module, which imports what tests need.
    launcher = fork_launcher(*PRELOADED, "pytest", "pulumi_conduit.sandbox", "pulumi_conduit.testing.stack")
    yield launcher
    launcher.close()


@pytest.fixture
def conduit_stack(conduit_sandbox: Sandbox, conduit_launcher: Launcher, tmp_path: Path) -> Callable[..., Stack]:
    """Return what makes the test's stack: `conduit_stack(program, config=…)`, for a folder or a function."""
    from pulumi_conduit.testing.stack import Stack  # noqa: PLC0415 - likewise

    made: list[Stack] = []

    def make(program: Program, **options: Any) -> Stack:
        folder = tmp_path / f"stack-{len(made)}"
        made.append(Stack(program, conduit_sandbox, folder, launcher=conduit_launcher, **options))
        return made[-1]

    return make
