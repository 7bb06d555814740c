"""Resources by their canonical keys, found under any spelling of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

__all__ = ["Keyed"]

K = TypeVar("K")
V = TypeVar("V")


class Keyed(Mapping[K, V], Generic[K, V]):
    """A read-only dictionary; it iterates over canonical keys and looks up under any."""

    def __init__(self, items: Mapping[K, V], canonical: Callable[[K], K]) -> None:
        """Take the items by canonical keys."""
        self._items = items
        self._canonical = canonical

    def __getitem__(self, key: K) -> V:
        """Return the item; KeyError names the key as it was asked for."""
        try:
            return self._items[self._canonical(key)]
        except KeyError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[K]:
        """Iterate over the canonical keys, in the order of the file."""
        return iter(self._items)

    def __len__(self) -> int:
        """Count the items."""
        return len(self._items)
