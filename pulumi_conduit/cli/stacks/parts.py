"""Which stacks a roster has, which part each has, and in which order they may run. Must not know Pulumi.

Whoever moves is taken over by one stack and let go by another. Where the order can be told (another number of stacks),
those that take over come first: should one fail, nobody is let go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.roster import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Split", "StackPart", "chosen_parts", "found_split", "phases"]


@dataclass(frozen=True)
class Split:
    """Into how many stacks a roster is split, and by which label, if any."""

    count: int
    label: str | None = None

    def __str__(self) -> str:
        """Write it as stack config does."""
        return f"{self.count}" if self.label is None else f"{self.count} by {self.label}"


@dataclass(frozen=True)
class StackPart:
    """One stack: the shard that it is to have, the one that its config says, if any, and whether there is a stack."""

    stack: str
    shard: Shard
    before: Shard | None = None
    is_there: bool = False

    @property
    def is_left_over(self) -> bool:
        """Say whether fewer stacks leave it without anybody."""
        return self.shard.index >= self.shard.count

    @property
    def is_changed(self) -> bool:
        """Say whether its config is to be written."""
        return self.before is None or (self.before.split, self.before.former_split) != (
            self.shard.split,
            self.shard.former_split,
        )


def found_split(configured: Mapping[str, Shard], prefix: str) -> Split:
    """Return the way of splitting that the config of the stacks says.

    :raises InvalidInputError: where there are none, or where they say several.
    """
    splits = {Split(one.count, one.label) for one in configured.values() if one.index < one.count}
    if not splits:
        raise InvalidInputError(
            f"no stack whose name begins with '{escaped(prefix, 80)}' has `conduit:shard` in its config; say --shards"
        )
    if len(splits) > 1:
        said = ", ".join(sorted(map(str, splits)))
        raise InvalidInputError(f"the stacks are split differently ({said}); say --shards, and --reshard to change it")
    return next(iter(splits))


def chosen_parts(  # noqa: PLR0913 - what is there, and what is wanted of it
    prefix: str,
    split: Split,
    there: Iterable[str],
    configured: Mapping[str, Shard],
    *,
    reshard: bool,
    recorded: Mapping[str, str] | None = None,
) -> list[StackPart]:
    """Return every stack with the part that it is to have, left-over ones included.

    `recorded` is the split that a stack's state has: the consent to a change must name that one, whatever the config
    says, because a change that was begun may not have come to this stack.

    :raises InvalidInputError: where a stack has another part, and nobody has asked for the change.
    """
    stacks, states = set(there), recorded or {}
    wanted = [StackPart(f"{prefix}{index}", Shard(index, split.count, split.label)) for index in range(split.count)]
    parts = [
        _known(replace(part, is_there=part.stack in stacks), configured.get(part.stack), states.get(part.stack))
        for part in wanted
    ]
    parts += [
        _left_over(stack, shard, split, states.get(stack))
        for stack, shard in sorted(configured.items(), key=lambda one: one[1].index)
        if shard.index >= split.count
    ]
    reasons = [_reason(part) for part in parts if part.before and part.before.split != part.shard.split and not reshard]
    reasons += [_exchanged(part) for part in parts if part.before and part.before.index != part.shard.index]
    if reasons:
        raise InvalidInputError("\n".join(reasons))
    return parts


def phases(parts: list[StackPart]) -> list[list[StackPart]]:
    """Return the stacks in the order in which they may run: new ones, those that stay, left-over ones."""
    new = [part for part in parts if not part.is_there]
    over = [part for part in parts if part.is_there and part.is_left_over]
    stay = [part for part in parts if part.is_there and not part.is_left_over]
    return [phase for phase in (new, stay, over) if phase]


def _known(part: StackPart, before: Shard | None, recorded: str | None) -> StackPart:
    if before is None:
        return part
    former = _former(before, part.shard.split, recorded)
    return replace(part, shard=replace(part.shard, reshard_from=former), before=before)


def _left_over(stack: str, before: Shard, split: Split, recorded: str | None) -> StackPart:
    """Return a stack that fewer ones leave over; one that an earlier change has left over stays as it is."""
    former = _former(before, str(split), recorded)
    try:
        shard = Shard(before.index, split.count, split.label, former)
    except InvalidInputError:  # it was no part of the former split, either: it holds nobody, and has no part to give
        shard = before
    return StackPart(stack, shard, before, is_there=True)


def _former(before: Shard, wanted: str, recorded: str | None) -> str | None:
    """Return the split that may be changed from: the state's, else the config's."""
    if recorded not in (None, wanted):
        return recorded
    # A change that was begun and not finished keeps the consent that it has: the state may still be as before.
    return before.former_split if before.split == wanted else before.split


def _reason(part: StackPart) -> str:
    before = part.before.split if part.before else ""
    return (
        f"stack {part.stack}: its roster is split into {before}, and would be into {part.shard.split}; that moves"
        " people between stacks: say --reshard if it is meant"
    )


def _exchanged(part: StackPart) -> str:
    has = f"{part.before.index}/{part.before.split}" if part.before else ""
    return f"stack {part.stack}: its config says that it is shard {has}; a stack keeps its number, so correct it"
