"""Answers at once that a text or a number has no unknown value in it; the SDK walks through each as through a tree.

It asks for every output of every resource, often more than once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi import output
from pulumi.runtime import rpc

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_PLAIN = frozenset({str, int, float, bool, type(None)})


def fits() -> bool:
    """Return whether one function answers for all outputs."""
    return has_parameters(rpc, "contains_unknowns", "val") and has_names(output, "contains_unknowns", "rpc")


def install(_program: Any) -> None:
    """Answer for plain values, and leave all others to the SDK."""
    wrap_once(rpc, "contains_unknowns", _quick)


def _quick(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def contains_unknowns(val: Any) -> bool:
        return type(val) not in _PLAIN and ask(val)

    return contains_unknowns
