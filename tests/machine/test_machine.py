"""Random programs on the embedded engine against the sandbox: whatever happens, an update ends as declared."""

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Machine, Tally
from sampling import SEED, amount

STEPS = 12

RUNS = amount(8, 500, "MACHINE_RUNS")
SHARES = max(2, RUNS // 25)


@pytest.mark.parametrize("share", range(SHARES))
def test_an_update_ends_as_declared_whatever_happened_before(share, running_sandbox, conduit_launcher, engines, played):
    """The APIs equal the declaration, nobody else is touched, a second update is silent and a refresh finds nothing."""
    sequences = RUNS // SHARES + (share < RUNS % SHARES)
    if not sequences:
        pytest.skip("there are more shares than sequences")
    tally = Tally()
    limits = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        play = seed(SEED * SHARES + share)(lambda: Machine(running_sandbox, conduit_launcher, engines, tally))
        run_state_machine_as_test(play, settings=limits)
    finally:
        played(tally)
