"""Who depends on whom among recorded resources, whose order is an order of creation.

The rules are those of Pulumi's `pkg/resource/graph/dependency_graph.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.states import State, provider_urn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["Graph"]


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
        """Tell whether a resource was recorded."""
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
        """Return what a resource needs directly; who needs a component needs all that is in it."""
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
        """Return what must go, in groups: a group may go at once, when the groups before it are gone."""
        left = {state: self.dependencies_of(state) for state in condemned}
        groups = []
        while left:
            free = [state for state, needs in left.items() if not needs & left.keys()]
            groups.append(free)
            for state in free:
                del left[state]
        return groups[::-1]
