"""What an operation knows while it plans: its selection, recorded states, dependencies, and decisions so far.

The rules of `--target`, `--exclude` and `--replace` are those of Pulumi's `UrnTargets`
(`pkg/resource/deploy/deployment.go`). A bare name stands for every resource of that name, which Pulumi's command line
does not offer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from pulumi_conduit.testing.engine.results import Diagnostic, EngineError, Result
from pulumi_conduit.testing.engine.states import State, provider_urn
from pulumi_conduit.urns import is_urn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pulumi_conduit.testing.engine.states import Namespace, Snapshot

__all__ = ["BailError", "Graph", "Names", "Plan", "Selection", "Urns", "select"]

Names: TypeAlias = "str | Sequence[str]"


@dataclass(frozen=True)
class Urns:
    """A set of URNs, given by URNs, by patterns with `*` and `**`, or by names."""

    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Names) -> Urns:
        """Return the set that a caller names."""
        given = (names,) if isinstance(names, str) else tuple(names)
        return cls(tuple(one if is_urn(one) or "*" in one else f"**::{one}" for one in given))

    def __bool__(self) -> bool:
        """Return whether anything was named."""
        return bool(self.written)

    def __contains__(self, urn: str) -> bool:
        """Return whether a URN is meant."""
        return any(_pattern(one).fullmatch(urn) for one in self.written)

    @property
    def literals(self) -> list[str]:
        """The URNs that were named without a pattern."""
        return [one for one in self.written if "*" not in one]


def _pattern(written: str) -> re.Pattern[str]:
    """Read a pattern: `*` stays between two colons, `**` does not."""
    anywhere = ("[^:]*".join(map(re.escape, part.split("*"))) for part in written.split("**"))
    return re.compile(".*".join(anywhere), re.DOTALL)


@dataclass(frozen=True)
class Selection:
    """What an operation is confined to; nothing named means everything."""

    target: Urns = field(default_factory=Urns)
    exclude: Urns = field(default_factory=Urns)
    replace: Urns = field(default_factory=Urns)
    target_dependents: bool = False


def select(operation: str, *, target: Names, exclude: Names, replace: Names, target_dependents: bool) -> Selection:
    """Return what an operation is confined to.

    Raises:
        EngineError: the options exclude each other, as on Pulumi's command line, or the operation knows them not.

    """
    selection = Selection(Urns.of(target), Urns.of(exclude), Urns.of(replace), target_dependents)
    if selection.target and selection.exclude:
        raise EngineError("target and exclude cannot be given together")
    if selection.replace and operation not in {"preview", "up"}:
        raise EngineError(f"replace is an option of preview and up, not of {operation}")
    return selection


class Graph:
    """The dependencies among resources in order."""

    def __init__(self, resources: Sequence[State]) -> None:
        """Look at recorded resources."""
        self._resources = resources
        self._index = {state: number for number, state in enumerate(resources)}
        self._components: dict[State, frozenset[str]] = {}
        by_urn: dict[str, State] = {}
        for state in resources:
            above = by_urn.get(state.parent)
            inherited = self._components[above] if above else frozenset()
            self._components[state] = inherited | {above.urn} if above and not above.custom else inherited
            by_urn[state.urn] = state

    def __contains__(self, state: State) -> bool:
        """Return whether a resource was recorded."""
        return state in self._index

    def depending_on(self, state: State, ignore: Collection[str], *, also_children: bool = False) -> list[State]:
        """Return what depends on a resource, also by way of others, in order; on request children depend, too."""
        found, urns = [], {state.urn}
        for candidate in self._resources[self._index[state] + 1 :]:
            needs = {
                *candidate.relations(),
                provider_urn(candidate.provider),
                candidate.parent if also_children else "",
            }
            if candidate.urn not in ignore and needs & urns:
                found.append(candidate)
                urns.add(candidate.urn)
        return found

    def dependencies_of(self, state: State) -> set[State]:
        """Return what a resource needs directly; a dependency on a component is one on all its children."""
        needs = {*state.relations(), provider_urn(state.provider)}
        return {
            candidate
            for candidate in self._resources[: self._index[state]]
            if candidate.urn in needs or candidate.urn == state.parent or self._components[candidate] & needs
        }

    def transitive_dependencies(self, state: State) -> set[State]:
        """Return all that a resource needs, and what that needs."""
        live = {one.urn: one for one in self._resources if not one.delete}
        doomed = {one.urn: one for one in self._resources if one.delete}
        found: set[State] = set()
        todo = [state]
        while todo:
            one = todo.pop()
            first, second = (doomed, live) if one.delete else (live, doomed)
            for urn in {*one.relations(), provider_urn(one.provider), one.parent}:
                needed = first.get(urn) or second.get(urn)
                if needed is not None and needed not in found:
                    found.add(needed)
                    todo.append(needed)
        return found - {state}

    def antichains(self, condemned: Iterable[State]) -> list[list[State]]:
        """Return the resources to delete, in groups: each group after the one before it."""
        left = {state: self.dependencies_of(state) for state in condemned}
        groups = []
        while left:
            free = [state for state, needs in left.items() if not needs & left.keys()]
            groups.append(free)
            for state in free:
                del left[state]
        return groups[::-1]


_SHORTEST_HIDDEN = 3  # a shorter one would hide half of every message


class BailError(Exception):
    """The operation cannot go on; why has been reported."""


@dataclass
class Plan:
    """The decisions of one operation, by URN."""

    namespace: Namespace
    snapshot: Snapshot
    result: Result
    preview: bool
    selection: Selection = field(default_factory=Selection)
    hidden: tuple[str, ...] = ()  # what must not be shown: the secrets of the configuration
    urns: set[str] = field(default_factory=set)
    creates: set[str] = field(default_factory=set)
    updates: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    sames: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    deletes: dict[str, bool] = field(default_factory=dict)
    pending_deletes: set[State] = field(default_factory=set)
    targeted: set[str] = field(default_factory=set)  # what the program registered of the targets, and their dependents
    skipped: set[str] = field(default_factory=set)  # not created, because the operation is not about them
    reported: set[str] = field(default_factory=set)  # of those, the ones whose absence was reported
    aliased: dict[str, str] = field(default_factory=dict)  # old URN to new
    aliases: dict[str, str] = field(default_factory=dict)  # new URN to old

    def __post_init__(self) -> None:
        """Index what was recorded, and leave out secrets that are too short to be hidden."""
        self.olds = {state.urn: state for state in self.snapshot.base if not state.delete}
        self.graph = Graph(self.snapshot.base)
        self.hidden = tuple(secret for secret in self.hidden if len(secret) >= _SHORTEST_HIDDEN)

    def planned_urns(self) -> set[str]:
        """Return everything that has a step."""
        return self.creates | self.updates | self.replaces | self.sames | self.reads | self.deletes.keys()

    def is_kept(self, urn: str) -> bool:
        """Return whether the program still wants what was recorded under a URN."""
        now = self.aliased.get(urn, urn)
        return now in self.sames or now in self.updates or now in self.replaces or now in self.reads

    def is_to_be_replaced(self, urn: str) -> bool:
        """Return whether the caller wants a resource replaced."""
        return urn in self.selection.replace

    def missing(self) -> set[str]:
        """Return what was not created and not yet complained of."""
        return self.skipped - self.reported

    def report(self, severity: str, urn: str, message: str) -> None:
        """Tell the user something."""
        self.log(severity, urn, message)
        if severity == "error":
            self.result.succeeded = False

    def log(self, severity: str, urn: str, message: str) -> None:
        """Show a message; as in Pulumi, a logged error fails nothing, and secrets are not shown."""
        for secret in self.hidden:
            message = message.replace(secret, "[secret]")
        self.result.diagnostics.append(Diagnostic(severity, urn, message))

    def bail(self, urn: str, message: str) -> NoReturn:
        """Report an error that ends the operation.

        Raises:
            BailError: always.

        """
        self.report("error", urn, message)
        raise BailError
