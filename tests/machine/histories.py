"""Plays random histories of a machine: as many as the run asks for, in shares that workers take in turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Tally
from sampling import SEED, amount

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.stateful import RuleBasedStateMachine

__all__ = ["Histories"]

_PER_SHARE = 25


class Histories:
    """So many histories of so many steps, in shares; MACHINE_RUNS says how many in place of the run's own number."""

    def __init__(self, share: int, full: int, *, steps: int) -> None:
        """Set how many are a share and all of them."""
        self._runs, self._steps = amount(share, full, "MACHINE_RUNS"), steps
        self.shares = range(max(2, self._runs // _PER_SHARE))

    def play(
        self, share: int, machine: Callable[[Tally], RuleBasedStateMachine], played: Callable[[Tally], None]
    ) -> None:
        """Play a share of them, each share under a seed of its own."""
        sequences = self._runs // len(self.shares) + (share < self._runs % len(self.shares))
        if not sequences:
            pytest.skip("there are more shares than sequences")
        tally = Tally()
        seeded = seed(SEED * len(self.shares) + share)(lambda: machine(tally))
        try:
            run_state_machine_as_test(seeded, settings=self._settings(sequences))  # type: ignore[arg-type] # or a factory
        finally:
            played(tally)

    def _settings(self, sequences: int) -> settings:
        return settings(
            max_examples=sequences,
            stateful_step_count=self._steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
