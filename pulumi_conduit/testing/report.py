"""How the outcome of an operation is shown: as text for people, as JSON for scripts. Secrets are never shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.values import UNKNOWN, Reference, Secret
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.testing.engine import Result, Step

__all__ = ["as_json", "as_text", "error_lines"]

_SIGNS = {"create": "+", "update": "~", "replace": "+-", "delete": "-", "read": ">", "discard": "<"}
_PARTS = {"create-replacement", "delete-replaced", "same"}


def as_text(result: Result) -> str:
    """Return the steps that change something, the messages, the outputs and the counts."""
    return "\n".join([*_steps(result), *_messages(result), *_outputs(result), _counts(result)]) + "\n"


def error_lines(result: Result) -> list[str]:
    """Return each error with the resource that it is about."""
    errors = (one for one in result.diagnostics if one.severity == "error")
    return [f"{_about(one.urn)}: {_printable(' '.join(one.message.splitlines()))}" for one in errors]


def as_json(result: Result) -> dict[str, Any]:
    """Return everything, with "[secret]" for secrets and null for what a preview cannot know."""
    return {
        "operation": result.operation,
        "succeeded": result.succeeded,
        "steps": [dataclasses.asdict(step) for step in result.steps],
        "summary": result.summary,
        "outputs": _shown(result.outputs),
        "diagnostics": [dataclasses.asdict(one) for one in result.diagnostics],
    }


def _steps(result: Result) -> Iterator[str]:
    for step in result.steps:
        if step.op not in _PARTS:
            yield f"  {_SIGNS.get(step.op, '?'):2} {step.op:8} {_name(step)}{_changes(step)}"


def _name(step: Step) -> str:
    return _printable(f"{step.type} {step.name}")


def _changes(step: Step) -> str:
    return f"  [{_printable(', '.join(step.changes))}]" if step.changes else ""


def _messages(result: Result) -> Iterator[str]:
    for one in result.diagnostics:
        first, *rest = one.message.splitlines() or [""]
        yield f"  {_about(one.urn)}: {one.severity}: {_printable(first)}"
        yield from (f"      {_printable(line)}" for line in rest)


def _about(urn: str) -> str:
    if not urn:
        return "stack"
    about = parse_urn(urn)
    return _printable(f"{about.type} ({about.name})")


def _outputs(result: Result) -> Iterator[str]:
    for name, value in sorted(result.outputs.items()):
        yield f"  output {_printable(name)}: {_printable(str(_shown(value)))}"


def _counts(result: Result) -> str:
    counted = ", ".join(f"{count} {op}" for op, count in result.summary.items()) or "nothing to do"
    return f"{result.operation} {'succeeded' if result.succeeded else 'FAILED'}: {counted}"


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Reference):
        return value.urn
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else None if value is UNKNOWN else value


def _printable(text: str) -> str:
    """Show what could steer a terminal as an escape sequence of Python's."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
