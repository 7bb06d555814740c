"""How much of the random and generated suites a run takes: `make test` a share of each, `make test-all` all of them.

A share is drawn under a fixed seed, so that `make test` tries the same everywhere; `make test-all` takes a fresh seed
and prints it. CONTRIBUTING.md lists the suites and their shares.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["IS_FULL", "SEED", "amount", "sample", "seeds"]

IS_FULL = os.environ.get("TEST_ALL") == "1"
SEED = int(os.environ.get("TEST_SEED", "1"))

T = TypeVar("T")


def amount(share: int, full: int, variable: str = "") -> int:
    """Return how many random cases to try: as many as an environment variable says, else the share or all."""
    given = os.environ.get(variable) if variable else None
    return int(given) if given else full if IS_FULL else share


def seeds(count: int) -> range:
    """Return the seeds of so many random cases, others for every seed of the run."""
    return range(SEED * 1_000_000, SEED * 1_000_000 + count)


def sample(cases: Iterable[T], one_in: int) -> list[T]:
    """Return one case out of every `one_in` neighbours, so that all of a list is covered; all in a full run."""
    everything = list(cases)
    if IS_FULL:
        return everything
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    blocks = (everything[start : start + one_in] for start in range(0, len(everything), one_in))
    return [chance.choice(block) for block in blocks]
