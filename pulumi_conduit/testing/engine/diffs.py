"""What differs between a recorded resource and the program's: the provider's response with the engine's part in it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine import paths
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE
from pulumi_conduit.testing.engine.values import Properties, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pulumi_conduit.testing.engine.paths import Path
    from pulumi_conduit.testing.engine.providers import Configured
    from pulumi_conduit.testing.engine.states import State

__all__ = ["Difference", "changed_paths", "compare", "compare_inputs", "ignoring"]


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
