"""What a program's unit tests answer in the place of the APIs: under `pulumi.runtime.set_mocks` nobody logs in.

Each look-up asks `Mocks.call` with the token `conduit:index:` and its own name in camelCase, and with its arguments.
The names of what is answered may be written as in Python or as in the state.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from pulumi.runtime.mocks import MockCallArgs, MockEngine
from pulumi.runtime.settings import get_engine, get_monitor

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.resources.serialization import camel_case, snake_case

__all__ = ["are_mocks_set", "mocked", "mocked_list", "mocked_record"]

T = TypeVar("T")


def are_mocks_set() -> bool:
    """Say whether the program runs under mocks, so that nothing real may be asked."""
    return isinstance(get_engine(), MockEngine)


def mocked(function: str, **arguments: Any) -> Mapping[str, Any]:
    """Return what the mocks answer to a look-up.

    :raises InvalidInputError: where they answer nothing that could be one.
    """
    token = f"conduit:index:{camel_case(function)}"
    mocks = getattr(get_monitor(), "mocks", None)
    given = {camel_case(name): value for name, value in arguments.items() if value is not None}
    answer = mocks.call(MockCallArgs(token=token, args=given, provider="")) if mocks else None
    found = answer[0] if isinstance(answer, tuple) else answer
    if not isinstance(found, Mapping) or not found:
        raise InvalidInputError(
            f"{function}: under pulumi.runtime.set_mocks nothing real is asked, and Mocks.call answered nothing to"
            f" {token}; see the reference for what it must answer"
        )
    return found


def mocked_record(record: type[T], function: str, answer: Any) -> T:
    """Return a record out of a mock's answer.

    :raises InvalidInputError: where the answer lacks a field.
    """
    known = {snake_case(str(name)): value for name, value in answer.items()} if isinstance(answer, Mapping) else {}
    names = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]  # each is a dataclass
    if missing := [name for name in names if name not in known]:
        raise InvalidInputError(f"{function}: what Mocks.call answered lacks {', '.join(missing)}")
    return record(**{name: _frozen(known[name]) for name in names})


def mocked_list(record: type[T], function: str, within: str, **arguments: Any) -> list[T]:
    """Return the records that a mock's answer lists under a name.

    :raises InvalidInputError: where it lists none, or one lacks a field.
    """
    listed = mocked(function, **arguments).get(within)
    if not isinstance(listed, list | tuple):
        raise InvalidInputError(f"{function}: what Mocks.call answered lacks the list '{within}'")
    return [mocked_record(record, function, one) for one in listed]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
