"""Writes the answer to a call of the provider's server without an event loop, of which the SDK makes one for each.

The loop waits for outputs in the properties, which no provider of this package returns.
"""

from __future__ import annotations

import asyncio
import sys
from inspect import getclosurevars
from typing import TYPE_CHECKING, Any

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from pulumi_conduit.sdk_hooks.replacing import ModuleProxy, has_parameters, uses

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 216), (3, 260), (3, 272)})
_ANSWERS = ("Check", "Create", "Read", "Update")
_FIELDS = {str: "string_value", bool: "bool_value", int: "number_value", float: "number_value"}


def fits() -> bool:
    """Return whether the server makes a loop for each answer, and runs only `serialize_properties` in it."""
    server: Any = sys.modules["__main__"]
    servicer = getattr(server, "DynamicResourceProviderServicer", None)
    names = ("asyncio", "new_event_loop", "run_until_complete", "rpc", "serialize_properties", "close")
    return (
        getattr(server, "asyncio", None) is asyncio
        and getattr(server, "rpc", None) is rpc
        and has_parameters(rpc, "serialize_properties", "inputs", "property_deps")
        and all(uses(_inner(getattr(servicer, name, None)), *names) for name in _ANSWERS)
    )


def _inner(function: Any) -> Any:
    """Return the function of a call; since SDK 3.260 it is in another one, which reports its errors."""
    return getclosurevars(function).nonlocals.get("fn", function) if function else None


def install(server: Any) -> None:
    """Replace two modules where the server uses them."""
    server.asyncio, server.rpc = _Asyncio(asyncio), _Rpc(rpc)


class _Rpc(ModuleProxy):
    """`rpc`, which writes plain properties at once."""

    def serialize_properties(self, inputs: Any, property_deps: Any) -> Struct | Coroutine[Any, Any, Struct]:
        """Return the message, or the SDK's coroutine that makes it."""
        message = _plain_message(inputs)
        return rpc.serialize_properties(inputs, property_deps) if message is None else message


class _Asyncio(ModuleProxy):
    """`asyncio`, whose loops are made when there is something to run."""

    def new_event_loop(self) -> _LazyLoop:
        """Return what becomes a loop."""
        return _LazyLoop()


class _LazyLoop:
    """An event loop, once it has to wait for something."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_until_complete(self, message: Struct | Coroutine[Any, Any, Struct]) -> Struct:
        """Return a message."""
        if isinstance(message, Struct):
            return message
        self._loop = self._loop or asyncio.new_event_loop()
        return self._loop.run_until_complete(message)

    def close(self) -> None:
        """Close the loop, if there is one."""
        if self._loop:
            self._loop.close()


def _plain_message(properties: Mapping[str, Any]) -> Struct | None:
    """Return a message of texts, numbers and lists of such, without what is None, or None for anything else."""
    if type(properties) is not dict:
        return None
    message = Struct()
    for name, value in properties.items():
        if field := _FIELDS.get(type(value)):
            setattr(message.fields[name], field, value)
        elif type(value) is list and all(type(part) in _FIELDS for part in value):
            message.update({name: value})
        elif value is not None:
            return None
    return message
