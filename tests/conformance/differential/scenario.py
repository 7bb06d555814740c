"""Scenarios as data: programs, changes outside the engine, and operations; no runner is known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Any, Literal

from .object_store import ObjectStore

Operation = Literal["preview", "up", "refresh", "destroy"]

_HEADER = """\
import pulumi
from pulumi import Alias, Output, ResourceOptions as Opts
from example_provider import Gadget, Group, Toy

"""
_HOOKS = """\
from pulumi_conduit.sdk_hooks import speed_up
speed_up(pulumi.runtime.get_root_resource())
"""


@dataclass(frozen=True)
class Hidden:
    """A configuration value that is a secret."""

    value: str


Config = Mapping[str, "str | Hidden"]


@dataclass(frozen=True)
class Drift:
    """An object's values change outside the engine."""

    key: str
    values: Mapping[str, Any]

    def happen(self, objects: ObjectStore) -> None:
        """Change the object."""
        objects.put(self.key, {**(objects.look(self.key) or {}), **self.values})


@dataclass(frozen=True)
class Vanish:
    """An object is removed outside the engine."""

    key: str

    def happen(self, objects: ObjectStore) -> None:
        """Remove the object."""
        objects.drop(self.key)


@dataclass(frozen=True)
class Break:
    """A verb of the provider fails on one object from now on."""

    verb: str
    key: str

    def happen(self, objects: ObjectStore) -> None:
        """Arm the fault."""
        objects.arm(self.verb, self.key)


@dataclass(frozen=True)
class Mend:
    """Every verb succeeds again."""

    def happen(self, objects: ObjectStore) -> None:
        """Disarm all faults."""
        objects.disarm()


Event = Drift | Vanish | Break | Mend


@dataclass(frozen=True)
class Step:
    """One operation after changes of the program, the configuration and the objects; None keeps what was."""

    operation: Operation
    program: str | None = None
    config: Config | None = None
    events: tuple[Event, ...] = ()
    continue_on_error: bool = False
    target: tuple[str, ...] = ()
    target_dependents: bool = False
    exclude: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    prelude: str = ""

    @property
    def source(self) -> str | None:
        """Return the text of `__main__.py`."""
        return None if self.program is None else _HEADER + self.prelude + dedent(self.program).lstrip("\n")


@dataclass(frozen=True)
class Scenario:
    """A named behaviour and the steps that show it."""

    name: str
    sentence: str
    steps: tuple[Step, ...]
    is_ordered: bool = field(default=False, kw_only=True)


def scenario(name: str, sentence: str, *steps: Step, is_ordered: bool = False) -> Scenario:
    """Return a scenario; `is_ordered` compares the sequence of calls, where the program forces it."""
    return Scenario(name, sentence, steps, is_ordered=is_ordered)


def with_hooks(plain: Scenario) -> Scenario:
    """Return a scenario whose programs install the SDK hooks, as those do that declare a resource of the package."""
    return replace(plain, steps=tuple(replace(step, prelude=_HOOKS) for step in plain.steps))


def as_it_is(plain: Scenario) -> Scenario:
    """Return the scenario, whose programs leave the SDK as it is."""
    return plain


def preview(program: str | None = None, *events: Event, **rest: Any) -> Step:
    """Return a step that previews."""
    return Step("preview", program, events=events, **rest)


def up(program: str | None = None, *events: Event, **rest: Any) -> Step:
    """Return a step that updates."""
    return Step("up", program, events=events, **rest)


def refresh(*events: Event, **rest: Any) -> Step:
    """Return a step that refreshes; the program does not run."""
    return Step("refresh", events=events, **rest)


def destroy(*events: Event, **rest: Any) -> Step:
    """Return a step that destroys; the program does not run."""
    return Step("destroy", events=events, **rest)
