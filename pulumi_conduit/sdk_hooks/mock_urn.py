"""Computes the URN that only a program without an engine needs; the SDK makes some ten outputs for it, each time.

It does so for each registration and each read, and gives the URN to a program that runs without an engine, in a unit
test of an old kind.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pulumi.runtime import resource, settings

from pulumi_conduit.sdk_hooks.replacing import has_parameters, sending_codes, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_COROUTINES = 2


def fits() -> bool:
    """Return whether the coroutines that register and read a resource await the URN as an output's future."""
    names = {"create_urn", "future", "parent_urn"}
    awaiting = [code for code in sending_codes().values() if names <= {*code.co_names}]
    return len(awaiting) == _COROUTINES and has_parameters(
        resource, "create_urn", "name", "type_", "parent", "project", "stack"
    )


def install(_program: Any) -> None:
    """Answer these coroutines with a text; all others get an output, as before."""
    wrap_once(resource, "create_urn", _as_text)


def _as_text(create: Callable[..., Any]) -> Callable[..., Any]:
    codes = frozenset(sending_codes().values())

    def create_urn(name: Any, type_: Any, parent: Any = None, *more: Any, **named: Any) -> Any:
        is_asked_by_them = sys._getframe(1).f_code in codes  # noqa: SLF001 - the documented way to a frame
        if is_asked_by_them and type(name) is type(type_) is str and (parent is None or type(parent) is str):
            return _Urn(f"{_prefix(parent)}{type_}::{name}")
        return create(name, type_, parent, *more, **named)

    return create_urn


def _prefix(parent: str | None) -> str:
    if parent is None:
        return f"urn:pulumi:{settings.get_stack()}::{settings.get_project()}::"
    return parent[: parent.rfind("::")] + "$"


class _Urn:
    """A URN, in place of an output of it."""

    def __init__(self, urn: str) -> None:
        self._urn = urn

    async def future(self) -> str:
        """Return it."""
        return self._urn
