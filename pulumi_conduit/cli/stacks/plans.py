"""The previews of all stacks of a roster as one plan: whoever moves is deleted in one and created in another.

Knows the form that `pulumi preview --json` prints, and nothing of what a step means; a URN names its stack, so that no
two steps are about one resource.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLAN_OPTIONS", "merged_plan"]

PLAN_OPTIONS = ("--json", "--show-sames", "--show-replacement-steps")
"""How a preview prints all that a report needs."""


def merged_plan(printed: Mapping[str, str]) -> str:
    """Return one plan out of what the preview of each stack printed; ConduitError where one is no plan."""
    plans = [_plan(stack, text) for stack, text in printed.items()]
    merged: dict[str, Any] = {key: value for plan in plans for key, value in plan.items()}
    for key in ("steps", "diagnostics"):
        merged[key] = [one for plan in plans for one in plan.get(key) or []]
    summary: Counter[str] = Counter()
    for plan in plans:
        summary.update(plan.get("changeSummary") or {})
    merged["changeSummary"] = dict(summary)
    merged["maybeCorrupt"] = any(plan.get("maybeCorrupt") for plan in plans)
    return json.dumps(merged)


def _plan(stack: str, text: str) -> dict[str, Any]:
    try:
        plan = json.loads(text)
    except (ValueError, RecursionError):
        plan = None
    if not isinstance(plan, dict) or not plan.get("steps"):
        begin = escaped(" ".join(text.split()), 100) or "nothing"
        raise ConduitError(f"stack {escaped(stack, 80)}: `pulumi preview --json` printed no plan, but: {begin}")
    return plan
