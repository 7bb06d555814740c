"""The stacks of a roster, the shard of each, and the order in which they run. Must not know Pulumi.

A person who moves is adopted by one stack and removed from the state of another. Where the order is known (another
number of stacks), the adopting stacks run first: if one fails, no stack removes people from its state.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.roster import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Split", "StackPart", "chosen_parts", "configured_split", "left_over_without_config", "phases"]


@dataclass(frozen=True)
class Split:
    """The number of stacks of a roster, and the label that it is split by, if any."""

    count: int
    label: str | None = None

    def __str__(self) -> str:
        """Return it as stack config has it."""
        return f"{self.count}" if self.label is None else f"{self.count} by {self.label}"


@dataclass(frozen=True)
class StackPart:
    """One stack: the wanted shard, the one in its config, if any, and whether the stack exists."""

    stack: str
    shard: Shard
    before: Shard | None = None
    exists: bool = False

    @property
    def is_left_over(self) -> bool:
        """Return whether a smaller number of stacks leaves it empty."""
        return self.shard.index >= self.shard.count

    @property
    def is_changed(self) -> bool:
        """Return whether its config must be written."""
        return self.before is None or (self.before.split, self.before.former_split) != (
            self.shard.split,
            self.shard.former_split,
        )


def configured_split(configured: Mapping[str, Shard], prefix: str) -> Split:
    """Return the split in the config of the stacks.

    :raises InvalidInputError: if there is none, or the stacks differ.
    """
    splits = {Split(one.count, one.label) for one in configured.values() if one.index < one.count}
    if not splits:
        raise InvalidInputError(
            f"no stack whose name begins with '{escaped(prefix, 80)}' has `conduit:shard` in its config; pass --shards"
        )
    if len(splits) > 1:
        entry = ", ".join(sorted(map(str, splits)))
        raise InvalidInputError(
            f"the stacks are split differently ({entry}); pass --shards, and --reshard to change it"
        )
    return next(iter(splits))


def chosen_parts(  # noqa: PLR0913 - the current and the wanted split
    prefix: str,
    split: Split,
    there: Iterable[str],
    configured: Mapping[str, Shard],
    *,
    reshard: bool,
    recorded: Mapping[str, str] | None = None,
) -> list[StackPart]:
    """Return every stack with its wanted shard, left-over stacks included.

    `recorded` is the split in a stack's state: the consent to a change must name that one, whatever the config has,
    because an interrupted change may not have reached this stack, and a config file may be missing.

    :raises InvalidInputError: if a stack has another shard, and `reshard` is not given.
    """
    stacks, states = set(there), recorded or {}
    wanted = [StackPart(f"{prefix}{index}", Shard(index, split.count, split.label)) for index in range(split.count)]
    parts = [
        _with_former_split(
            replace(part, exists=part.stack in stacks), configured.get(part.stack), states.get(part.stack)
        )
        for part in wanted
    ]
    over = {stack: shard for stack, shard in configured.items() if shard.index >= split.count}
    for stack in left_over_without_config(prefix, split, stacks, configured):
        # A left-over one of an earlier change holds no people, and is no shard of the split in its state.
        with suppress(InvalidInputError):
            over[stack] = Shard.parse(f"{stack.removeprefix(prefix)}/{states.get(stack, '0')}")
    parts += [
        _left_over(stack, shard, split, states.get(stack))
        for stack, shard in sorted(over.items(), key=lambda one: one[1].index)
    ]
    reasons = [_reason(part) for part in parts if part.before and part.before.split != part.shard.split and not reshard]
    reasons += [_swapped_reason(part) for part in parts if part.before and part.before.index != part.shard.index]
    if reasons:
        raise InvalidInputError("\n".join(reasons))
    return parts


def left_over_without_config(
    prefix: str, split: Split, there: Iterable[str], configured: Mapping[str, Shard]
) -> list[str]:
    """Return the stacks with larger numbers that have no shard in their config; their state may hold people."""
    numbers = {stack: stack.removeprefix(prefix) for stack in sorted(there) if stack not in configured}
    return [stack for stack, number in numbers.items() if number == f"{int(number)}" and int(number) >= split.count]


def phases(parts: list[StackPart]) -> list[list[StackPart]]:
    """Return the stacks in the order in which they run: new ones, those that stay, left-over ones."""
    new = [part for part in parts if not part.exists]
    over = [part for part in parts if part.exists and part.is_left_over]
    stay = [part for part in parts if part.exists and not part.is_left_over]
    return [phase for phase in (new, stay, over) if phase]


def _with_former_split(part: StackPart, before: Shard | None, recorded: str | None) -> StackPart:
    if before is None:
        is_changed = recorded not in (None, part.shard.split)
        return replace(part, shard=replace(part.shard, reshard_from=recorded)) if is_changed else part
    former = _former(before, part.shard.split, recorded)
    return replace(part, shard=replace(part.shard, reshard_from=former), before=before)


def _left_over(stack: str, before: Shard, split: Split, recorded: str | None) -> StackPart:
    """Return a stack that a smaller number leaves over; one that an earlier change left over is unchanged."""
    former = _former(before, str(split), recorded)
    try:
        shard = Shard(before.index, split.count, split.label, former)
    except InvalidInputError:  # it was not in the former split either: it is empty
        shard = before
    return StackPart(stack, shard, before, exists=True)


def _former(before: Shard, wanted: str, recorded: str | None) -> str | None:
    """Return the split before the change: the state's, else the config's."""
    if recorded not in (None, wanted):
        return recorded
    # An unfinished change keeps its consent: the state may still be the former one.
    return before.former_split if before.split == wanted else before.split


def _reason(part: StackPart) -> str:
    before = part.before.split if part.before else ""
    return (
        f"stack {part.stack}: its roster is split into {before}, and would be into {part.shard.split}; that moves"
        " people between stacks: pass --reshard to confirm"
    )


def _swapped_reason(part: StackPart) -> str:
    has = f"{part.before.index}/{part.before.split}" if part.before else ""
    return f"stack {part.stack}: its config names shard {has}; a stack keeps its number, so correct it"
