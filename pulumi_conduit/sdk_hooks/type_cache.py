"""Evaluates the annotations of a resource class once; the SDK does so for each resource that is registered."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from pulumi import _types
from pulumi.runtime import rpc

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})


def fits() -> bool:
    """Return whether the types of a resource are those of its class, asked for where outputs are resolved."""
    return has_parameters(_types, "resource_types", "resource_cls") and has_names(
        rpc, "resolve_outputs", "_types", "resource_types"
    )


def install(_program: Any) -> None:
    """Keep the types of each class as long as there is the class."""
    wrap_once(_types, "resource_types", _cached)


def _cached(find: Callable[[type], dict[str, type]]) -> Callable[[type], dict[str, type]]:
    known: weakref.WeakKeyDictionary[type, dict[str, type]] = weakref.WeakKeyDictionary()

    def resource_types(resource_cls: type) -> dict[str, type]:
        types = known.get(resource_cls)
        if types is None:
            types = known[resource_cls] = find(resource_cls)
        return {**types}  # the caller's to change, as before

    return resource_types
