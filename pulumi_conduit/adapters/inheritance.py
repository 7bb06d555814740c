"""Whether a destroy of a resource reaches the provider at all, as far as a program can tell.

`retain_on_delete` and `deleted_with` keep the engine from calling a delete. It hands both down from any parent, and
transformations may set them, yet the SDK keeps neither; so a transformation of our own, always the last one, notes how
they came out. Must not know what a resource is for.
"""

from __future__ import annotations

import weakref
from typing import NamedTuple

import pulumi
from pulumi.runtime import get_root_resource, register_stack_transformation

__all__ = ["may_be_left_alone", "watch_program", "watched"]


class _Fate(NamedTuple):
    is_retained: bool
    is_deleted_with_another: bool


_NORMAL = _Fate(is_retained=False, is_deleted_with_another=False)
# What was declared before anyone watched may have any options.
_UNSEEN = _Fate(is_retained=True, is_deleted_with_another=True)
_FATES: weakref.WeakKeyDictionary[pulumi.Resource, _Fate] = weakref.WeakKeyDictionary()


def watch_program() -> None:
    """Note the options of all that the running program declares from now on, components above all."""
    root = get_root_resource()
    if root is not None and root not in _FATES:
        _FATES[root] = _NORMAL
        register_stack_transformation(_note)


def watched(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return options under which a resource is noted, even where no stack is."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[_note]))


def may_be_left_alone(resource: pulumi.Resource) -> bool:
    """Say whether a destroy may drop a resource without a call; what cannot be told counts as yes."""
    return any(_fate(resource))


def _note(args: pulumi.ResourceTransformationArgs) -> None:
    above, opts = _fate(args.opts.parent), args.opts
    _FATES[args.resource] = _Fate(
        is_retained=above.is_retained if opts.retain_on_delete is None else opts.retain_on_delete,
        is_deleted_with_another=above.is_deleted_with_another or opts.deleted_with is not None,
    )
    # A later one may still change the options, and the SDK walks this very list: so stand at its end, too.
    if args.resource._transformations[-1] is not _note:  # noqa: SLF001 - no option orders transformations
        args.resource._transformations.append(_note)  # noqa: SLF001 - likewise


def _fate(resource: pulumi.Resource | None) -> _Fate:
    return _NORMAL if resource is None else _FATES.get(resource, _UNSEEN)
