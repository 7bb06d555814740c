"""Looks at a function of the SDK before it is replaced, and replaces it once."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from pulumi.runtime import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType

__all__ = [
    "ModuleProxy",
    "has_names",
    "has_parameters",
    "inner_code",
    "is_module",
    "sending_codes",
    "uses",
    "wrap_once",
]

_IS_WRAPPED = "_conduit_hook"


def has_parameters(module: Any, name: str, *parameters: str) -> bool:
    """Return whether a module has a function whose first parameters have these names."""
    function = getattr(module, name, None)
    return inspect.isfunction(function) and (*inspect.signature(function).parameters,)[: len(parameters)] == parameters


def has_names(module: Any, function: str, *names: str) -> bool:
    """Return whether a module has a function that uses all of these global names and attributes."""
    return uses(getattr(module, function, None), *names)


def uses(function: Any, *names: str) -> bool:
    """Return whether this is a function that uses all of these global names and attributes."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return {*names} <= {*getattr(code, "co_names", ())}


def inner_code(function: Any, name: str) -> CodeType | None:
    """Return the code of a function that is defined in another one, or in a function's code."""
    code = function if inspect.iscode(function) else inspect.unwrap(function).__code__
    return next((one for one in code.co_consts if inspect.iscode(one) and one.co_name == name), None)


_SENDING = {"register_resource": "do_register", "read_resource": "do_read"}


def sending_codes() -> dict[str, CodeType]:
    """Return the code of each coroutine of the SDK that registers or reads a resource, by its name."""
    found = {inner: inner_code(getattr(resource, outer), inner) for outer, inner in _SENDING.items()}
    return {name: code for name, code in found.items() if code is not None}


def wrap_once(module: Any, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Replace a function by what `wrapper` makes of it, unless that has been done in this process."""
    function = getattr(module, name)
    if not hasattr(function, _IS_WRAPPED):
        wrapped = functools.wraps(function)(wrapper(function))
        setattr(wrapped, _IS_WRAPPED, True)
        setattr(module, name, wrapped)


class ModuleProxy:
    """Stands in for a module where one module of the SDK uses it; what a subclass does not define is the module's."""

    def __init__(self, module: ModuleType) -> None:
        """Pass on to this module."""
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """Return what the module has under this name."""
        return getattr(self._module, name)


def is_module(found: Any, module: ModuleType) -> bool:
    """Return whether this is a module, or what stands in for it already."""
    return found is module or isinstance(found, ModuleProxy)
