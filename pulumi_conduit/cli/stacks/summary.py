"""What `stacks` says at its end: a line for what came of each stack, and of all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from pulumi_conduit.warnings import ADOPT, MOVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.cli.stacks.options import Chosen
    from pulumi_conduit.cli.stacks.outcome import Outcome

__all__ = ["tell"]


def tell(operation: str, chosen: Chosen, split: str, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print the summary; on standard error where standard output is a report's."""
    from pulumi_conduit.cli.stacks.outcome import summary  # noqa: PLC0415 - see `stacks_command.find_command`

    found = summary(operation, split, outcomes, seconds)
    if chosen.as_json and not chosen.report:
        click.echo(json.dumps(found, indent=2))
        return
    for line in _lines(found, outcomes):
        click.echo(line, err=chosen.report)


def _lines(found: dict[str, Any], outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        for kind, texts in (("error", one.errors), ("warning", _worth_telling(one.warnings))):
            yield from (f"{one.stack}: {kind}: {text}" for text in texts)
    endings = ", ".join(f"{count} {ending}" for ending, count in found["endings"].items())
    yield f"{found['operation']} of {len(outcomes)} stacks in {found['seconds']:.0f} s: {endings}"
    changes = ", ".join(f"{count} {change}" for change, count in found["changes"].items())
    moved = f"; {found['moves']} of them only move between stacks" if found["moves"] else ""
    yield f"resources: {changes or 'none'}{moved}"
    if any(not one.is_fine for one in outcomes):
        yield "run it again when that is mended; with --resume, what is done is not done again"
    if any("currently locked" in text for one in outcomes for text in one.errors):
        yield "if nothing else is at work on the locked stacks, a killed run has left the locks: say --unlock"
    over = [one.stack for one in outcomes if one.is_fine and found["operation"] == "up" and _is_left_over(one)]
    if over:
        yield f"empty now, and may be removed (`pulumi stack rm`): {', '.join(over)}"


def _worth_telling(warnings: Sequence[str]) -> list[str]:
    """Return the warnings that are not said of everybody who only moves."""
    expected = (MOVE, ADOPT)
    counts = {code: sum(code in text for text in warnings) for code in expected}
    others = [text for text in warnings if not any(code in text for code in expected)]
    return others + [f"{code}: {count} of them" for code, count in counts.items() if count]


def _is_left_over(outcome: Outcome) -> bool:
    index, _, split = outcome.shard.partition("/")
    return int(index) >= int(split.split()[0])
