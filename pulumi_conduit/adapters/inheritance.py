"""How a resource was declared in the end: whether a destroy reaches its provider at all, its lineage, its arguments.

`retain_on_delete` and `deleted_with` keep the engine from calling a delete. It hands both down from any parent, and
transformations may set them, or change the arguments, yet the SDK keeps none of it; so a transformation of our own,
always the last one, notes how they came out. Must not know what a resource is for.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime import get_root_resource, register_stack_transformation

from pulumi_conduit.adapters.top_level import watch_top_level
from pulumi_conduit.resources.wire import camel_case

__all__ = ["arguments_of", "ignores", "may_be_left_alone", "qualified_type", "watch_program", "watched"]


class _Fate(NamedTuple):
    is_retained: bool
    is_deleted_with_another: bool
    lineage: str | None


_NORMAL = _Fate(is_retained=False, is_deleted_with_another=False, lineage="")
# What was declared before anyone watched may have any options.
_UNSEEN = _Fate(is_retained=True, is_deleted_with_another=True, lineage=None)
_FATES: weakref.WeakKeyDictionary[pulumi.Resource, _Fate] = weakref.WeakKeyDictionary()
_IGNORED: weakref.WeakKeyDictionary[pulumi.Resource, frozenset[str]] = weakref.WeakKeyDictionary()
_ARGUMENTS: weakref.WeakKeyDictionary[pulumi.Resource, Mapping[str, Any]] = weakref.WeakKeyDictionary()


def watch_program() -> None:
    """Note the options of all that the running program declares from now on, components above all."""
    root = get_root_resource()
    if root is not None and root not in _FATES:
        _FATES[root] = _NORMAL
        register_stack_transformation(_note)
        watch_top_level(root)


def watched(resource: pulumi.Resource, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return options under which a resource is noted, even where no stack is, and its arguments are, too."""
    _ARGUMENTS[resource] = {}
    noted = copy(opts)
    noted.transformations = [*(opts.transformations or ()), _note]
    return noted


def may_be_left_alone(resource: pulumi.Resource) -> bool:
    """Say whether a destroy may drop a resource without a call; what cannot be told counts as yes."""
    fate = _fate(resource)
    return fate.is_retained or fate.is_deleted_with_another


def qualified_type(resource: pulumi.Resource) -> str | None:
    """Return the types of a resource's parents and its own, as its URN has them; None where a parent was not seen."""
    return _fate(resource).lineage


def arguments_of(resource: pulumi.Resource) -> Mapping[str, Any]:
    """Return, once, the arguments that a watched resource was registered with."""
    return _ARGUMENTS.pop(resource, {})


def ignores(resource: pulumi.Resource, names: Iterable[str]) -> bool:
    """Say whether the engine keeps the old value of one of these properties, whatever the program says."""
    return bool(_IGNORED.get(resource, frozenset()) & {"*", *names, *map(camel_case, names)})


def _note(args: pulumi.ResourceTransformationArgs) -> None:
    above, opts = _fate(args.opts.parent), args.opts
    _FATES[args.resource] = _Fate(
        is_retained=above.is_retained if opts.retain_on_delete is None else opts.retain_on_delete,
        is_deleted_with_another=above.is_deleted_with_another or opts.deleted_with is not None,
        lineage=None if above.lineage is None else f"{above.lineage}${args.type_}".lstrip("$"),
    )
    _IGNORED[args.resource] = frozenset(re.split(r"[.\[]", path)[0] for path in opts.ignore_changes or ())
    if args.resource in _ARGUMENTS:
        _ARGUMENTS[args.resource] = args.props
    # A later one may still change the options, and the SDK walks this very list: so stand at its end, too.
    if args.resource._transformations[-1] is not _note:  # noqa: SLF001 - no option orders transformations
        args.resource._transformations.append(_note)  # noqa: SLF001 - likewise


def _fate(resource: pulumi.Resource | None) -> _Fate:
    return _NORMAL if resource is None else _FATES.get(resource, _UNSEEN)
