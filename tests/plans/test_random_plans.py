"""Random plans: whoever reads the report knows what the update will do, and its counts are never too low."""

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from plan_machine import PlanMachine, Plans
from sampling import SEED, amount

STEPS = amount(6, 30)
HISTORIES = amount(1, 100, "PLAN_HISTORIES")
SHARES = max(1, HISTORIES // 5)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_report_says_whatever_the_update_then_does(share, running_sandbox, conduit_launcher, tried):
    """Everybody whose access changes is reported by name and account, and no count is lower than what happens."""
    histories = HISTORIES // SHARES + (share < HISTORIES % SHARES)
    tally = Plans()
    limits = settings(
        max_examples=histories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        play = seed(SEED * SHARES + share)(lambda: PlanMachine(running_sandbox, conduit_launcher, None, tally))
        run_state_machine_as_test(play, settings=limits)  # type: ignore[arg-type] # or a factory
    finally:
        for end, count in tally.ends.items():
            tried(f"plans {end}", count)
        tried("changes of people and companies", tally.happened)
