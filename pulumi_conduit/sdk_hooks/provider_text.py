"""Pickles each of this package's providers once; the SDK pickles one for each resource that is declared.

They hold nothing: their text names the class, and is the same in every state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.dynamic import dynamic

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_OURS = "pulumi_conduit.provider"


def fits() -> bool:
    """Return whether a resource's provider becomes text in one function of it."""
    return has_parameters(dynamic, "serialize_provider", "provider") and has_names(
        dynamic.Resource, "__init__", "_serialize", "serialize_provider"
    )


def install(_program: Any) -> None:
    """Keep the text of each class of this package; another package's provider is pickled as before."""
    wrap_once(dynamic, "serialize_provider", _remembered)


def _remembered(serialize: Callable[[Any], str]) -> Callable[[Any], str]:
    texts: dict[type, str] = {}

    def serialize_provider(provider: Any) -> str:
        kind = type(provider)
        if kind.__module__ != _OURS or vars(provider):
            return serialize(provider)
        if kind not in texts:
            texts[kind] = serialize(provider)
        return texts[kind]

    return serialize_provider
