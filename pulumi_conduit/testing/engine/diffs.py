"""What differs between a recorded resource and the program's, and what must be replaced because of it.

The former is the provider's response with the engine's part in it. The rules of the latter are those of Pulumi's
`calculateDependentReplacements` and `findDependentCascadeReplacements` (`pkg/resource/deploy/step_generator.go`).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine import paths
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, State, provider_urn
from pulumi_conduit.testing.engine.steps import Delete
from pulumi_conduit.testing.engine.values import UNKNOWN, Properties, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pulumi_conduit.testing.engine.paths import Path
    from pulumi_conduit.testing.engine.plan import Plan
    from pulumi_conduit.testing.engine.providers import Configured, Registry

__all__ = ["Difference", "changed_paths", "compare", "compare_inputs", "delete_first", "ignoring", "replaced_too"]


def changed_paths(old: Properties, new: Properties) -> list[Path]:
    """Return the deepest paths at which the values differ."""
    return list(_of_objects(plain(old), plain(new), ()))


def _of_objects(old: Properties, new: Properties, path: Path) -> Iterator[Path]:
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            if one is not other:
                yield (*path, name)
        else:
            yield from _of_values(one, other, (*path, name))


def _of_values(old: Any, new: Any, path: Path) -> Iterator[Path]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif isinstance(old, bool) != isinstance(new, bool) or old != new:
        yield path


def _of_lists(old: list[Any], new: list[Any], path: Path) -> Iterator[Path]:
    both = min(len(old), len(new))
    for index in range(both):
        yield from _of_values(old[index], new[index], (*path, index))
    for index in range(both, max(len(old), len(new))):
        yield (*path, index)


@dataclass(frozen=True)
class Difference:
    """Whether something differs, where as far as is known, and whether a change takes a new object."""

    differs: bool
    paths: tuple[paths.Path, ...] = ()
    replaces: bool = False
    delete_first: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The paths as a user writes them."""
        return tuple(map(paths.text, self.paths))

    def replacing_on(self, written: Iterable[str]) -> Difference:
        """Make it a replacement where the program wants one; only what the engine itself compared can be matched."""
        if not self.differs:
            return self
        wanted = [path for path in map(paths.parse, written) if path is not None]
        hit = any(paths.contains(outer, inner) for outer in wanted for path in self.paths for inner in (path, path[:1]))
        return Difference(self.differs, self.paths, self.replaces or hit, self.delete_first)


async def compare(provider: Configured, state: State, old: State, news: Properties, *, preview: bool) -> Difference:
    """Ask the provider, and compare the inputs where it leaves that to the engine."""
    answer = await provider.diff(state, old, news, preview=preview)
    changes = answer.changes
    found: tuple[paths.Path, ...] = tuple((name,) for name in answer.replaces)
    if changes is None:
        found = tuple(changed_paths(old.inputs, ignoring(state.ignore_changes, old.inputs, news)[0]))
        changes = bool(found)
    return Difference(changes, found, bool(answer.replaces), answer.delete_before_replace)


def compare_inputs(old: State, new: State) -> Difference:
    """Compare what has no provider to ask: a component, or a provider resource."""
    before = old.outputs if new.type == PROVIDER_TYPE else old.inputs
    return Difference(before != new.inputs, tuple(changed_paths(before, new.inputs)))


def ignoring(written: Iterable[str], old: Properties, new: Properties) -> tuple[Properties, list[str]]:
    """Return the new inputs with the old values where the program ignores changes, and the paths that do not fit."""
    result, misfits = copy.deepcopy(new), []
    for one in written:
        path = paths.parse(one)
        if path is not None and not paths.reset(path, old, result):
            misfits.append(one)
    return result, misfits


async def delete_first(plan: Plan, registry: Registry, old: State, urn: str) -> list[Delete]:
    """Return the deletions that come before a replacement: of those that depend on the object, then of itself.

    Raises:
        BailError: one of them is protected.

    """
    dependents = [*await replaced_too(plan, registry, old), *_deleted_with(plan, urn)]
    doomed = [state for state in reversed(dependents) if state not in plan.pending_deletes]
    for state in doomed:
        if state.protect and not state.delete:
            message = f'unable to replace resource "{state.urn}" as part of replacing "{urn}": it is protected'
            plan.bail(urn, message)
    plan.pending_deletes.update(doomed)
    if not old.pending_replacement:
        doomed.append(old)
    plan.deletes.update(dict.fromkeys((state.urn for state in doomed), True))
    return [_deletion(state, plan) for state in dict.fromkeys(doomed)]


async def replaced_too(plan: Plan, registry: Registry, root: State) -> list[State]:
    """Return the dependents that a new object of `root` would replace as well."""
    replaced, urns = [], {root.urn}
    for candidate in plan.graph.depending_on(root, plan.planned_urns()):
        if await _must_follow(candidate, urns, registry):
            replaced.append(candidate)
            urns.add(candidate.urn)
    return replaced


async def _must_follow(state: State, replaced: set[str], registry: Registry) -> bool:
    if not state.custom or state.external:
        return False
    if provider_urn(state.provider) in replaced or state.deleted_with in replaced:
        return True
    touched = {name for name, urns in state.property_dependencies.items() if replaced & set(urns)}
    if not touched & state.inputs.keys() or state.type == PROVIDER_TYPE:
        return False
    inputs = {name: UNKNOWN if name in touched else value for name, value in state.inputs.items()}
    found = await compare(registry.get(state.provider), state, state, inputs, preview=True)
    return found.replacing_on(state.replace_on_changes).replaces


def _deleted_with(plan: Plan, urn: str) -> list[State]:
    return [state for state in plan.olds.values() if state.deleted_with == urn]


def _deletion(state: State, plan: Plan) -> Delete:
    leaves_record = not state.delete
    return Delete("delete-replaced", old=state, others=plan.deletes, is_replacing=True, leaves_record=leaves_record)
