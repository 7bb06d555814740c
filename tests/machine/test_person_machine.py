"""Random edits of one person's program on the embedded engine: whatever a run meets, no access goes wrong unseen."""

import pytest
from histories import Histories
from person_machine import PersonMachine

HISTORIES = Histories(2, 500, steps=14)


@pytest.mark.parametrize("share", HISTORIES.shares)
def test_no_access_goes_wrong_unseen(share, running_sandbox, conduit_launcher, played):
    """Confined, failing or late, a run leaves what is declared, and says what else it leaves; who is off stays off."""
    HISTORIES.play(share, lambda tally: PersonMachine(running_sandbox, conduit_launcher, tally), played)
