"""The pytest fixtures that users get with the package.

pytest loads this module at every start, so that it imports nothing but pytest; the sandbox comes with the first test
that asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.sandbox import Sandbox

__all__ = ["conduit_sandbox"]


@pytest.fixture
def conduit_sandbox() -> Iterator[Sandbox]:
    """Give the test a fresh stand-in of both APIs; it sets no environment variable, see `Sandbox.environ`."""
    from pulumi_conduit.sandbox import Sandbox  # noqa: PLC0415 - pytest's start must stay cheap

    with Sandbox.start() as sandbox:
        yield sandbox
