"""The options that a resource has in the end: whether a destroy reaches its provider, its aliases, its arguments."""

from __future__ import annotations

import re
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime import get_root_resource, register_stack_transformation

__all__ = [
    "Finish",
    "arguments_of",
    "ignores",
    "is_seen",
    "may_be_left_alone",
    "names_kept",
    "qualified_type",
    "watch_program",
    "watch_top_level",
    "watched",
    "when_top_level_has_run",
]

_WAITING: weakref.WeakKeyDictionary[pulumi.Resource, list[Callable[[], None]]] = weakref.WeakKeyDictionary()
_HAS_RUN: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def watch_top_level(root: pulumi.Resource) -> None:
    """Note, once for each program, when its stack's outputs are registered."""
    register = getattr(root, "register_outputs", None)
    if root in _WAITING or register is None:
        return
    _WAITING[root] = []
    own = weakref.ref(root)

    def register_outputs(outputs: Any) -> None:
        _end(own(), is_failing=sys.exc_info()[0] is not None)
        register(outputs)

    root.register_outputs = register_outputs  # type: ignore[attr-defined] # the SDK tells it in no other way


def when_top_level_has_run(root: pulumi.Resource, act: Callable[[], None]) -> None:
    """Act when the program's top level has run without an error; at once where it has."""
    if root in _HAS_RUN:
        act()
    else:
        _WAITING.setdefault(root, []).append(act)


def _end(root: pulumi.Resource | None, *, is_failing: bool) -> None:
    if root is None or is_failing:
        return
    _HAS_RUN.add(root)
    for act in _WAITING.get(root, []):
        act()


_FIRST_NAME = re.compile(r"[\[\"']*([A-Za-z]\w*|\*)")


Finish = Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceOptions]


class _EffectiveOptions(NamedTuple):
    is_retained: bool
    is_deleted_with_another: bool
    lineage: str | None
    kept: frozenset[str] = frozenset()


_NORMAL = _EffectiveOptions(is_retained=False, is_deleted_with_another=False, lineage="")
# What was declared before anyone watched may have any options.
_UNSEEN = _EffectiveOptions(is_retained=True, is_deleted_with_another=True, lineage=None)
_FATES: weakref.WeakKeyDictionary[pulumi.Resource, _EffectiveOptions] = weakref.WeakKeyDictionary()
_FINISHES: weakref.WeakKeyDictionary[pulumi.Resource, Finish] = weakref.WeakKeyDictionary()
_CALLS: weakref.WeakKeyDictionary[pulumi.Resource, int] = weakref.WeakKeyDictionary()
_ARGUMENTS: weakref.WeakKeyDictionary[pulumi.Resource, Mapping[str, Any]] = weakref.WeakKeyDictionary()


def watch_program() -> None:
    """Note the options of all that the running program declares from now on, components above all."""
    root = get_root_resource()
    if root is not None and root not in _FATES:
        _FATES[root] = _NORMAL
        register_stack_transformation(_note)
        watch_top_level(root)


def watched(
    resource: pulumi.Resource, opts: pulumi.ResourceOptions, finish: Finish | None = None
) -> pulumi.ResourceOptions:
    """Return options under which a resource is noted, even where no stack is, and its arguments are, too.

    `finish` returns its options when all other transformations have had their say.
    """
    _ARGUMENTS[resource] = {}
    if finish is not None:
        _FINISHES[resource] = finish
    noted = copy(opts)
    noted.transformations = [*(opts.transformations or ()), _note]
    return noted


def may_be_left_alone(resource: pulumi.Resource) -> bool:
    """Say whether a destroy may drop a resource without a call; what cannot be told counts as yes."""
    fate = _fate(resource)
    return fate.is_retained or fate.is_deleted_with_another


def ignores(resource: pulumi.Resource, names: Iterable[str]) -> bool:
    """Say whether the engine keeps the old value of one of these properties, whatever the program says."""
    kept = _fate(resource).kept
    return "*" in kept or any(_as_one_word(name) in kept for name in names)


def is_seen(resource: pulumi.Resource | None) -> bool:
    """Say whether all is known of a resource; what was declared before anyone watched may have any options."""
    return _fate(resource).lineage is not None


def qualified_type(resource: pulumi.Resource) -> str | None:
    """Return the types of a resource's parents and its own, as its URN has them; None where a parent was not seen."""
    return _fate(resource).lineage


def arguments_of(resource: pulumi.Resource) -> Mapping[str, Any]:
    """Return, once, the arguments that a watched resource was registered with."""
    return _ARGUMENTS.pop(resource, {})


def names_kept(opts: pulumi.ResourceOptions) -> frozenset[str]:
    """Return the properties whose changes are ignored, in lower case and one word: either spelling may be written."""
    found = map(_FIRST_NAME.match, opts.ignore_changes or ())
    return frozenset(_as_one_word(one[1]) for one in found if one)


def _as_one_word(name: str) -> str:
    return name.replace("_", "").lower()


def _note(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """Note how a resource came out so far; a later transformation may change it, so stand at the end, too."""
    transformations = args.resource._transformations  # noqa: SLF001 - the SDK walks this very list
    if not _are_ours(transformations[_places(transformations)[-1] :]):
        transformations.append(_note)
    if args.resource not in _FINISHES or not _is_last_word(args.resource, transformations):
        _take(args, args.opts)
        return None
    opts = _FINISHES[args.resource](args)
    _take(args, opts)
    return pulumi.ResourceTransformationResult(args.props, opts)


def _is_last_word(resource: pulumi.Resource, transformations: Sequence[Any]) -> bool:
    """Say whether only we come after this call."""
    calls = _CALLS[resource] = _CALLS.get(resource, 0) + 1
    return _are_ours(transformations[_places(transformations)[calls - 1] :])


def _places(transformations: Sequence[Any]) -> list[int]:
    return [place for place, one in enumerate(transformations) if one is _note]


def _are_ours(transformations: Sequence[Any]) -> bool:
    """Say whether none is a stranger; a process that loads this module anew has two of ours, and neither gives way."""
    return all(getattr(one, "__module__", None) == __name__ for one in transformations)


def _take(args: pulumi.ResourceTransformationArgs, opts: pulumi.ResourceOptions) -> None:
    above = _fate(opts.parent)
    _FATES[args.resource] = _EffectiveOptions(
        is_retained=above.is_retained if opts.retain_on_delete is None else opts.retain_on_delete,
        is_deleted_with_another=above.is_deleted_with_another or opts.deleted_with is not None,
        lineage=None if above.lineage is None else f"{above.lineage}${args.type_}".lstrip("$"),
        kept=names_kept(opts),
    )
    if args.resource in _ARGUMENTS:
        _ARGUMENTS[args.resource] = args.props


def _fate(resource: pulumi.Resource | None) -> _EffectiveOptions:
    return _NORMAL if resource is None else _FATES.get(resource, _UNSEEN)
