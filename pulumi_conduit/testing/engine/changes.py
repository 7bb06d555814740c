"""Where two sets of properties differ.

As Pulumi's `sdk/go/common/resource/properties_diff.go` finds it: null is as good as absent, and secrecy does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.values import Properties, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.testing.engine.paths import Path

__all__ = ["changed_paths"]


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
