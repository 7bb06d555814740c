"""What `pulumi preview --json --show-sames --show-replacement-steps` would print, of a preview on the embedded engine.

The engine's own result has operations and names only, and a report needs the states behind them: they are taken from
each step at the moment at which it is shown.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_conduit.testing.engine.registrations import Executor
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE
from pulumi_conduit.testing.engine.steps import RemovePending, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.testing.engine import Result

__all__ = ["as_preview_prints", "watching_steps"]


@contextmanager
def watching_steps() -> Iterator[list[dict[str, Any]]]:
    """Collect every step that an operation shows, with its states."""
    seen: list[dict[str, Any]] = []
    show = Executor._show

    def record(executor: Executor, step: Step) -> None:
        if step.state.type != PROVIDER_TYPE and not isinstance(step, RemovePending):
            seen.append(_as_json(step))
        show(executor, step)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Executor, "_show", record)
        yield seen


def as_preview_prints(result: Result, steps: list[dict[str, Any]]) -> str:
    """Return the plan as text."""
    said = [{"severity": one.severity, "urn": one.urn, "message": one.message} for one in result.diagnostics]
    return json.dumps({"steps": steps, "diagnostics": said, "duration": 1, "changeSummary": result.summary})


def _as_json(step: Step) -> dict[str, Any]:
    states = {"oldState": step.old, "newState": step.new}
    shown = {name: state.to_json() for name, state in states.items() if state is not None}
    return {"op": step.op, "urn": step.state.urn, **shown}
