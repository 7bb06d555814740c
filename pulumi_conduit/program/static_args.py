"""Arguments that must be plain values, for they decide about options that the engine needs before anything is known."""

from __future__ import annotations

import asyncio
import inspect
from enum import Enum
from typing import Any

import pulumi

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.resource_options import names_kept
from pulumi_conduit.resources.serialization import snake_case

__all__ = ["plain_word", "protected"]


def plain_word(resource_name: str, argument: str, value: Any, default: str) -> str:
    """Return a policy as text; an Output or an awaitable is refused."""
    if isinstance(value, pulumi.Output | asyncio.Future) or inspect.isawaitable(value):
        raise InvalidInputError(f"{escaped(resource_name, 80)}: {argument} must be a plain value, not an Output")
    if value is None:
        return default
    return str(value.value) if isinstance(value, Enum) else str(value)


def protected(resource_name: str, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceOptions:
    """Return options under which the engine itself, in preview, refuses to destroy what cannot be deleted.

    That goes by what the transformations have left. Where the engine may keep an old policy, it may keep this one.
    """
    given = args.opts
    policy = {snake_case(name): value for name, value in args.props.items() if value is not None}.get("on_destroy")
    is_kept = plain_word(resource_name, "on_destroy", policy, "error") == "error"
    is_kept = is_kept or not names_kept(given).isdisjoint({"ondestroy", "*"})
    if given.protect is not None or not is_kept:
        return given
    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(protect=True))
