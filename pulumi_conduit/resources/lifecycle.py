"""The protocol of every kind of resource, without the engine: check, diff, create, get, read, update, delete.

One handler object serves one call: it gets an `Operation`, which knows the run it is part of, the resource it is about
and where messages go. The walk of a resource is check → diff → create, read, update or delete. A preview ends with
the diff, and `up` repeats it: what check or diff warns of is shown with the plan, what the others warn of is not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from pulumi_conduit.errors import (
    AccessDeniedError,
    ConduitError,
    DeadlineExceededError,
    HTTPStatusError,
    RefusedError,
    UnreachableError,
    escaped,
)
from pulumi_conduit.resources.fields import Field, is_unknown, normal_form, only_found, snake_case
from pulumi_conduit.resources.limits import MissingLimit
from pulumi_conduit.urns import name_of
from pulumi_conduit.warnings import MOVE, UNVERIFIED, CodedWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pulumi_conduit.resources.declaration_registry import Key
    from pulumi_conduit.resources.fields import Properties
    from pulumi_conduit.resources.limits import Missing
    from pulumi_conduit.resources.provider_context import ProviderContext
    from pulumi_conduit.resources.tenant import Tenant

__all__ = [
    "Checked",
    "Diff",
    "Handler",
    "Operation",
    "changed_names",
    "profile_moves",
]

_ADOPT = "adopt"  # of users and companies alike
_MOST_OF_A_NAME = 200


@dataclass(frozen=True)
class Operation:
    """One call of the engine: the run it is part of, the resource it is about, and where messages go.

    `inform` says what was done, where Pulumi's own word for it says something else; `warn` what needs attention.
    """

    context: ProviderContext
    urn: str
    warn: Callable[[str], None]
    inform: Callable[[str], None]
    ignored: frozenset[str] = frozenset()
    """Stored names, or `*`, whose changes the program ignores: the declaration repeats the old one for these."""

    def ignores(self, name: str) -> bool:
        """Say whether the program ignores changes of a property."""
        return name in self.ignored or "*" in self.ignored

    def is_first(self, text: str) -> bool:
        """Say whether this is the first time in the process that a text is asked about for the resource."""
        return self.context.first_times.is_first(f"{self.urn} {text}")

    def warn_once(self, message: str) -> None:
        """Warn, unless the resource has had the same warning in this process."""
        if self.is_first(message):
            self.warn(message)


@dataclass(frozen=True)
class Checked:
    """The declaration in normal form, and every reason against it."""

    inputs: dict[str, Any]
    reasons: Sequence[str] = ()


@dataclass(frozen=True)
class Diff:
    """What a declaration would change: by name, those that force a replacement, and whether recorded facts are stale.

    `is_stale` asks for an update that no changed input explains.
    """

    changed: Sequence[str] = ()
    replaces: Sequence[str] = ()
    is_stale: bool = False

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.changed or self.replaces or self.is_stale)


class HasTenant(Protocol):
    """What every state records of its tenant."""

    @property
    def tenant(self) -> str | None:
        """Return the tenant."""

    @property
    def profile(self) -> str | None:
        """Return the profile whose settings reach it."""


SpecT = TypeVar("SpecT")
StateT = TypeVar("StateT")


class Handler(ABC, Generic[SpecT, StateT]):
    """The behaviour of one kind of resource during one call."""

    properties: ClassVar[Mapping[str, Field]]
    """Every property that a declaration may have, by its stored name."""

    def __init__(self, operation: Operation) -> None:
        """Serve one call."""
        self.operation = operation
        self.context = operation.context
        self.warn, self.inform = operation.warn, operation.inform

    def check(self, old: Properties, new: Properties) -> Checked:
        """Return the declaration in normal form, with every reason against it; `old` is empty for a new object."""
        may_be_found = new.get("onConflict") == _ADOPT or new.get("importId") is not None
        normal = normal_form(self.properties, new, old, may_be_found=may_be_found)
        for name, reason in normal.kept.items():
            self.warn(f"{snake_case(name)}: kept as recorded: {reason}, so it is not declared now, and nothing sets it")
        if old:
            normal.inputs.pop("importId", None)  # it has done its work; kept, it would be a change when it is removed
        return Checked(normal.inputs, normal.reasons or self.validate(old, normal.inputs))

    def only_found(self, values: Properties) -> list[str]:
        """Return why no object can be created, or changed to be so, although one that exists may be."""
        return list(only_found(self.properties, values).values())

    def declare(self, key: Key, what: str, accounts: Iterable[int] = (), *, profile: str | None = None) -> list[str]:
        """Enter the key into the registry; a second resource with the same key is a reason."""
        other = self.context.registry.declare(key, self.operation.urn, accounts, profile)
        if other is None:
            return []
        names = " and ".join(f"'{escaped(name_of(one), 80)}'" for one in sorted({other, self.operation.urn}))
        return [f"{what} is declared by two resources of this program, {names}; keep one of them"]

    def compare_if_possible(
        self, profile: str | None, *, is_configured: bool, compare: Callable[[], list[str]]
    ) -> list[str]:
        """Return what a comparison with the remote state finds; where none is possible, warn once and pass.

        Called by checks and diffs, so that a preview shows what `compare` warns of.
        """
        if self.context.settings.preview(profile) == "offline":
            return self.warn_unverified("CONDUIT_PREVIEW is offline")
        if not is_configured:
            return self.warn_unverified("no credentials are configured")
        if profile in self.context.unreachable_profiles:
            return []
        try:
            return compare()
        except ConduitError as error:
            return self._reasons_of(error, profile)

    def confirm_missing(self, missing: Missing, profile: str | None) -> None:
        """Return when a missing object may be removed from state: not while too many are missing in this process."""
        settings = self.context.settings
        declared = MissingLimit.declared(settings.max_missing(profile), settings.max_missing_name(profile))
        limit = declared.within(self.context.workers, settings.workers())
        self.context.gate.confirm(missing, limit, settings.deadline_s(profile))

    def is_wanted(self, key: Key, what: str) -> bool:
        """Say whether another resource of this run, or another stack, has the object: a delete must not touch it."""
        registry = self.context.registry
        if owner := registry.owner(key, self.operation.urn):
            self.warn(f"{what}: not deleted: resource {_name(owner)} declares the same object now")
            return True
        if declarer := registry.declarer(key):
            raise RefusedError(
                f"{what}: not deleted: resource {_name(declarer)} declares the same object and failed; fix that"
                " resource and run again"
            )
        if left_out := registry.left_out(key, self.operation.urn):
            raise RefusedError(
                f"{what}: not deleted: resource {_name(left_out)} declares the same object and is not part of this run;"
                " run without --target, --exclude and delete_before_replace (a destroy: without --run-program)"
            )
        if moved := registry.other_stack(key, self.operation.urn):
            self.warn(str(CodedWarning(MOVE, f"{what}: not deleted: the roster assigns it to shard {moved.shard}")))
            return True
        return False

    def _reasons_of(self, error: ConduitError, profile: str | None) -> list[str]:
        """Return what a failed comparison says against a declaration; a warning only, where the API cannot be read."""
        is_blind = isinstance(error, UnreachableError | DeadlineExceededError)
        if is_blind or (isinstance(error, HTTPStatusError) and error.status >= 500):
            self.context.unreachable_profiles.add(profile)
            return self.warn_unverified(str(error))
        is_repeated = isinstance(error, AccessDeniedError) and not self.context.first_times.is_first(
            f"refused: {error}"
        )
        return [] if is_repeated else [str(error)]

    def warn_unverified(self, why: str) -> list[str]:
        """Warn, once, that new resources were not compared with the remote state; no reason against any."""
        if self.context.first_times.is_first(UNVERIFIED):
            self.warn(str(CodedWarning(UNVERIFIED, f"new resources were not compared with the remote state: {why}")))
        return []

    @abstractmethod
    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Return every reason against a well-formed declaration."""

    @abstractmethod
    def spec(self, inputs: Properties) -> SpecT:
        """Return inputs in normal form, typed; all of them known."""

    @abstractmethod
    def state(self, outputs: Properties) -> StateT:
        """Return recorded outputs, typed."""

    @abstractmethod
    def key(self, declared: SpecT) -> Key:
        """Return the key that a declaration names."""

    @abstractmethod
    def diff(self, state: StateT, new: Properties) -> Diff:
        """Compare what is recorded with a declaration in normal form, which may hold unknown values."""

    @abstractmethod
    def create(self, spec: SpecT) -> StateT:
        """Create the object, or adopt it where it exists."""

    @abstractmethod
    def get(self, resource_id: str, profile: str | None) -> StateT:
        """Return an object that this program does not manage; a missing one is an error."""

    @abstractmethod
    def read(self, state: StateT) -> StateT | Missing:
        """Return the remote state of a recorded object, or Missing."""

    @abstractmethod
    def update(self, state: StateT, spec: SpecT) -> StateT:
        """Make the object as declared with the least writes."""

    @abstractmethod
    def delete(self, state: StateT) -> None:
        """Remove the object, as far as its API and the declaration allow."""


def _name(urn: str) -> str:
    """Return the name of a resource for a message."""
    return f"'{escaped(name_of(urn), _MOST_OF_A_NAME)}'"


def changed_names(before: Properties, after: Properties, names: Iterable[str]) -> list[str]:
    """Return the names whose value differs or is not known yet."""
    return [name for name in names if is_unknown(after.get(name)) or before.get(name) != after.get(name)]


def profile_moves(state: HasTenant, new: Properties, tenant_of: Callable[[str | None], Tenant]) -> bool:
    """Say whether a changed profile names another tenant than the recorded one; an unknown one counts so."""
    after = new.get("profile")
    if is_unknown(after):
        return True
    return state.profile != after and str(tenant_of(after)) != state.tenant
