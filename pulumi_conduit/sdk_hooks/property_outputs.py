"""Makes each output of a resource's properties with one future; the SDK makes four, and a task that joins them.

A user has 13 properties. An output is registered with the SDK, and removed when it is known, as before: one that fails
stays, so that the program fails.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import weakref
from typing import TYPE_CHECKING, Any

from pulumi import Output, output
from pulumi.runtime import get_root_resource, rpc
from pulumi.runtime.settings import SETTINGS

from pulumi_conduit.sdk_hooks.replacing import has_names, has_parameters, wrap_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["VERSIONS", "fits", "install"]

VERSIONS = frozenset({(3, 260), (3, 272)})
_OutputData: Any = getattr(output, "_OutputData", None)
_FIELDS = ["resources", "value", "is_known", "is_secret"]
_PROGRAMS: weakref.WeakSet[Any] = weakref.WeakSet()


def fits() -> bool:
    """Return whether an output has one future, of what is known of it, and is made for each property in one place."""
    return (
        dataclasses.is_dataclass(_OutputData)
        and [field.name for field in dataclasses.fields(_OutputData)] == _FIELDS
        and has_parameters(rpc, "transfer_properties", "res", "props", "custom")
        and has_names(rpc, "transfer_properties", "asyncio", "Future", "functools", "partial", "__dict__")
        and has_names(Output, "_track", "SETTINGS", "outputs", "add", "_data")
    )


def install(program: Any) -> None:
    """Make the outputs of a program so; other programs of this process make them as before."""
    _PROGRAMS.add(program.root)
    wrap_once(rpc, "transfer_properties", _with_one_future_each)


def _with_one_future_each(transfer: Callable[..., Any]) -> Callable[..., Any]:
    def transfer_properties(res: Any, props: Iterable[str], custom: bool) -> Any:  # noqa: FBT001 - as the SDK has it
        if get_root_resource() not in _PROGRAMS:
            return transfer(res, props, custom)
        names = [name for name in props if name != "urn" and not (name == "id" and custom)]
        return {name: functools.partial(_resolve, res, _new_output(res, name)) for name in names}

    return transfer_properties


def _new_output(res: Any, name: str) -> asyncio.Future[Any]:
    data: asyncio.Future[Any] = asyncio.Future()
    made: Any = object.__new__(Output)
    made._data = data  # noqa: SLF001 - what the SDK's own methods read
    res.__dict__[name] = made
    with SETTINGS.lock:
        SETTINGS.outputs.add(data)
    return data


def _resolve(  # noqa: PLR0913, PLR0917 - the SDK's five arguments, after our two
    res: Any,
    data: asyncio.Future[Any],
    value: Any,
    is_known: bool,  # noqa: FBT001
    is_secret: bool,  # noqa: FBT001
    dependencies: set[Any] | None,
    failed: Exception | None,
) -> None:
    if failed is not None:
        data.set_exception(failed)
        data.exception()  # as in the SDK: it is not logged as one that was never retrieved
        return
    resources = {*(dependencies or ()), res}
    data.set_result(_OutputData(resources=resources, value=value, is_known=is_known, is_secret=is_secret))
    with SETTINGS.lock:
        SETTINGS.outputs.discard(data)
