"""Hooks into the running program: the effective options of resources are recorded, and when its top level has run.

Options are those after transformations: `retain_on_delete`, `deleted_with`, `ignore_changes`. Interrupts are silent,
and warning codes are reserved.
"""

from __future__ import annotations

import re
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from types import TracebackType
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime import get_root_resource, register_stack_transformation

from pulumi_conduit.sdk_internals import transformations_of, wrap_log
from pulumi_conduit.warnings import PREFIX

__all__ = [
    "NO_STACK",
    "Finish",
    "arguments_of",
    "exit_quietly",
    "ignores",
    "is_inline",
    "is_known",
    "join_program",
    "may_skip_delete",
    "names_kept",
    "qualified_type",
    "reserve_codes",
    "watch_options",
    "watch_program",
    "watch_top_level",
    "when_top_level_has_run",
]


class _NoStack:
    """The key for what is kept for each stack, in programs without one, as in unit tests."""


NO_STACK = _NoStack()
_COLOUR = re.compile(r"<\{%.*?%\}>", re.DOTALL)  # removed when a message is displayed


def reserve_codes() -> None:
    """Write warning codes in the program's own log messages in lower case; once, and if the SDK is known."""
    wrap_log(_without_codes)


def _without_codes(message: Any) -> Any:
    plain = _COLOUR.sub("", message) if isinstance(message, str) else ""
    return plain.replace(PREFIX, PREFIX.lower()) if PREFIX in plain else message


_INLINE: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def join_program() -> None:
    """Install the hooks in the running program, if any.

    An inline program of the Automation API runs beside its host's main thread, whose exception hook is left alone.
    """
    root = get_root_resource()
    if root is not None:
        watch_program()
        reserve_codes()
        if threading.current_thread() is threading.main_thread():
            exit_quietly()
        else:
            _INLINE.add(root)


def is_inline() -> bool:
    """Return whether the running program is an inline one, in its host's process."""
    root = get_root_resource()
    return root is not None and root in _INLINE


class _Quiet:
    """An exception hook that ignores KeyboardInterrupt and forwards everything else."""

    def __init__(self) -> None:
        self._previous = sys.excepthook

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self._previous(kind, error, trace)


def exit_quietly() -> None:
    """Silence, once, the KeyboardInterrupt with which the engine ends a program after a failure.

    The engine interrupts a waiting program, whose tracebacks then bury the error that matters.
    """
    if not isinstance(sys.excepthook, _Quiet):
        sys.excepthook = _Quiet()


_WAITING: weakref.WeakKeyDictionary[pulumi.Resource, list[Callable[[], None]]] = weakref.WeakKeyDictionary()
_HAS_RUN: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def watch_top_level(root: pulumi.Resource) -> None:
    """Record, once per program, when its stack's outputs are registered."""
    register = getattr(root, "register_outputs", None)
    if root in _WAITING or register is None:
        return
    _WAITING[root] = []
    own = weakref.ref(root)

    def register_outputs(outputs: Any) -> None:
        _end(own(), is_failing=sys.exc_info()[0] is not None)
        register(outputs)

    root.register_outputs = register_outputs  # type: ignore[attr-defined] # the SDK has no other signal


def when_top_level_has_run(root: pulumi.Resource, act: Callable[[], None]) -> None:
    """Call `act` when the program's top level has run without an error; at once if it has."""
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
# What was declared before the hooks were installed may have any options.
_UNKNOWN = _EffectiveOptions(is_retained=True, is_deleted_with_another=True, lineage=None)
_OPTIONS: weakref.WeakKeyDictionary[pulumi.Resource, _EffectiveOptions] = weakref.WeakKeyDictionary()
_FINISHES: weakref.WeakKeyDictionary[pulumi.Resource, Finish] = weakref.WeakKeyDictionary()
_CALLS: weakref.WeakKeyDictionary[pulumi.Resource, int] = weakref.WeakKeyDictionary()
_ARGUMENTS: weakref.WeakKeyDictionary[pulumi.Resource, Mapping[str, Any]] = weakref.WeakKeyDictionary()


def watch_program() -> None:
    """Record the options of all resources that the running program declares from now on."""
    root = get_root_resource()
    if root is not None and root not in _OPTIONS:
        _OPTIONS[root] = _NORMAL
        register_stack_transformation(_record)
        watch_top_level(root)


def watch_options(
    resource: pulumi.Resource, opts: pulumi.ResourceOptions, finish: Finish | None = None
) -> pulumi.ResourceOptions:
    """Return options with a transformation that records a resource's options and arguments.

    `finish` returns its options after all other transformations.
    """
    _ARGUMENTS[resource] = {}
    if finish is not None:
        _FINISHES[resource] = finish
    recorded = copy(opts)
    recorded.transformations = [*(opts.transformations or ()), _record]
    return recorded


def may_skip_delete(resource: pulumi.Resource) -> bool:
    """Return whether a destroy may skip the provider's delete; unknown options count as yes."""
    options = _effective(resource)
    return options.is_retained or options.is_deleted_with_another


def ignores(resource: pulumi.Resource, names: Iterable[str]) -> bool:
    """Return whether `ignore_changes` keeps the old value of one of these properties."""
    kept = _effective(resource).kept
    return "*" in kept or any(_as_one_word(name) in kept for name in names)


def is_known(resource: pulumi.Resource | None) -> bool:
    """Return whether a resource's options are known."""
    return _effective(resource).lineage is not None


def qualified_type(resource: pulumi.Resource) -> str | None:
    """Return the qualified type in a resource's URN; None if a parent is unknown."""
    return _effective(resource).lineage


def arguments_of(resource: pulumi.Resource) -> Mapping[str, Any]:
    """Return, once, the arguments that a resource was registered with."""
    return _ARGUMENTS.pop(resource, {})


def names_kept(opts: pulumi.ResourceOptions) -> frozenset[str]:
    """Return the properties in `ignore_changes`, in lower case without underscores."""
    found = map(_FIRST_NAME.match, opts.ignore_changes or ())
    return frozenset(_as_one_word(one[1]) for one in found if one)


def _as_one_word(name: str) -> str:
    return name.replace("_", "").lower()


def _record(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """Record a resource's options so far; run again at the end, because a later transformation may change them."""
    transformations = transformations_of(args.resource) or [_record]  # with an unknown SDK, this call is the last
    if not _are_ours(transformations[_positions(transformations)[-1] :]):
        transformations.append(_record)
    if args.resource not in _FINISHES or not _is_last(args.resource, transformations):
        _store(args, args.opts)
        return None
    opts = _FINISHES[args.resource](args)
    _store(args, opts)
    return pulumi.ResourceTransformationResult(args.props, opts)


def _is_last(resource: pulumi.Resource, transformations: Sequence[Any]) -> bool:
    """Return whether only our transformations follow."""
    calls = _CALLS[resource] = _CALLS.get(resource, 0) + 1
    return _are_ours(transformations[_positions(transformations)[calls - 1] :])


def _positions(transformations: Sequence[Any]) -> list[int]:
    return [index for index, one in enumerate(transformations) if one is _record]


def _are_ours(transformations: Sequence[Any]) -> bool:
    """Return whether all are of this module, which a process may load twice."""
    return all(getattr(one, "__module__", None) == __name__ for one in transformations)


def _store(args: pulumi.ResourceTransformationArgs, opts: pulumi.ResourceOptions) -> None:
    above = _effective(opts.parent)
    _OPTIONS[args.resource] = _EffectiveOptions(
        is_retained=above.is_retained if opts.retain_on_delete is None else opts.retain_on_delete,
        is_deleted_with_another=above.is_deleted_with_another or opts.deleted_with is not None,
        lineage=None if above.lineage is None else f"{above.lineage}${args.type_}".lstrip("$"),
        kept=names_kept(opts),
    )
    if args.resource in _ARGUMENTS:
        _ARGUMENTS[args.resource] = args.props


def _effective(resource: pulumi.Resource | None) -> _EffectiveOptions:
    return _NORMAL if resource is None else _OPTIONS.get(resource, _UNKNOWN)
