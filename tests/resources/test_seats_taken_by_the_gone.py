"""As many 'gone' answers as the process has seats would leave nobody to say that one more is gone."""

import pytest
from declarations import ANN

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.gone import Gone, GoneGate
from pulumi_conduit.resources.ledger import Key, Kind
from pulumi_conduit.resources.places import Place


def user_gone(number):
    """Return the verdict over one user."""
    return Gone(f"user {number}", Key(Place("https://here.example", ""), Kind.USER, f"{number}{ANN}"))


@pytest.mark.parametrize(("seats", "allowed"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 3)])
def test_one_seat_less_than_there_are_may_be_taken_by_the_gone(stack, seats, allowed):
    """A process of few seats forgets fewer objects than `maxGone` would let it."""
    stack.begin()
    stack.run.seats, stack.run.gate = seats, GoneGate(quiet_s=0.0)
    handler = stack.handler("user")
    for number in range(allowed):
        handler.confirm_gone(user_gone(number), None)

    with pytest.raises(RefusedError, match=rf"more than maxGone \({allowed}\) allows"):
        handler.confirm_gone(user_gone(allowed), None)
