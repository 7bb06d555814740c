"""Random programs on the embedded engine against the sandbox: whatever happens, an update ends as declared."""

import pytest
from histories import Histories
from machine import Machine

HISTORIES = Histories(2, 500, steps=12)


@pytest.mark.parametrize("share", HISTORIES.shares)
def test_an_update_ends_as_declared_whatever_happened_before(share, running_sandbox, conduit_launcher, engines, played):
    """The APIs equal the declaration, nobody else is touched, a second update is silent and a refresh finds nothing."""
    HISTORIES.play(share, lambda tally: Machine(running_sandbox, conduit_launcher, engines, tally), played)
