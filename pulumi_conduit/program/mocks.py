"""The functions under `pulumi.runtime.set_mocks`: a program's unit tests supply the results, and no login is made.

Each function calls `Mocks.call` with the token `conduit:index:` plus its name in camelCase, and with its arguments. The
result may use Python names or stored names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from pulumi.runtime.mocks import MockCallArgs, MockEngine
from pulumi.runtime.settings import get_engine, get_monitor

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.resources.serialization import camel_case, snake_case

__all__ = ["are_mocks_set", "call_mock", "call_mock_list", "call_mock_record"]

T = TypeVar("T")


def are_mocks_set() -> bool:
    """Return whether the program runs under mocks."""
    return isinstance(get_engine(), MockEngine)


def call_mock(function: str, **arguments: Any) -> Mapping[str, Any]:
    """Return the mocks' result of a function.

    :raises InvalidInputError: if they return none.
    """
    token = f"conduit:index:{camel_case(function)}"
    mocks = getattr(get_monitor(), "mocks", None)
    given = {camel_case(name): value for name, value in arguments.items() if value is not None}
    response = mocks.call(MockCallArgs(token=token, args=given, provider="")) if mocks else None
    found = response[0] if isinstance(response, tuple) else response
    if not isinstance(found, Mapping) or not found:
        raise InvalidInputError(
            f"{function}: under pulumi.runtime.set_mocks no API is used, and Mocks.call returned nothing for"
            f" {token}; see docs/functions.md for what it must return"
        )
    return found


def call_mock_record(record: type[T], function: str, response: Any) -> T:
    """Return a record from a mock's result.

    :raises InvalidInputError: if the result lacks a field.
    """
    known = {snake_case(str(name)): value for name, value in response.items()} if isinstance(response, Mapping) else {}
    names = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]  # each is a dataclass
    if missing := [name for name in names if name not in known]:
        raise InvalidInputError(f"{function}: the result of Mocks.call lacks {', '.join(missing)}")
    return record(**{name: _frozen(known[name]) for name in names})


def call_mock_list(record: type[T], function: str, within: str, **arguments: Any) -> list[T]:
    """Return the records in a list of a mock's result.

    :raises InvalidInputError: if the list is missing, or a record lacks a field.
    """
    listed = call_mock(function, **arguments).get(within)
    if not isinstance(listed, list | tuple):
        raise InvalidInputError(f"{function}: the result of Mocks.call lacks the list '{within}'")
    return [call_mock_record(record, function, one) for one in listed]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
