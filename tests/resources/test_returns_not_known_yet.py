"""A return that depends on what is not known yet is planned without a word about it, and a lost sight is told whole."""

import pytest
from declarations import ANN, user

from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources.serialization import UNKNOWN


@pytest.mark.parametrize("name", ["initialAccounts", "type", "sendEmail", "onConflict"])
def test_a_return_with_a_value_that_is_unknown_yet_is_not_judged(stack, name):
    """Nobody is announced as coming back with accounts that nobody knows; the change itself is planned."""
    stack.up({"ann": user(status="INACTIVE")})
    stack.begin()
    handler = stack.handler("user", "ann")
    checked = handler.check(stack.held["ann"].inputs, {**user()[1], name: UNKNOWN})

    found = handler.diff(handler.state(stack.outputs("ann")), checked.inputs)

    assert {"status", name} == set(found.changed)
    assert [] == [warning for warning in stack.warnings if warning.startswith("CONDUIT-REACTIVATE")]


def test_a_return_whose_values_are_known_is_announced(stack):
    """So that the test above can fail."""
    stack.up({"ann": user(status="INACTIVE")})

    stack.preview({"ann": user()})

    assert [
        f"CONDUIT-REACTIVATE: user {ANN} is INACTIVE and is reactivated with its declared accounts",
        f"CONDUIT-REACTIVATE[accounts=1]: user {ANN}: will be its accounts: 'Retail' (1)",
    ] == stack.warnings


def test_somebody_out_of_sight_is_not_deactivated_and_the_ways_out_are_named(sandbox, stack):
    """A 404 to a deactivation is told whole: what failed, what may be, and both ways out."""
    stack.up({"ann": user()})
    sandbox.faults.add("PUT /users/{userEmail}/status", status=404, times=None)

    with pytest.raises(ConduitError) as caught:
        stack.destroy()

    assert (
        f"user {ANN}: not deactivated, because this identity does not see it (404); it may still be ACTIVE. Have an"
        " Admin check it, then set on_destroy='retain', or `pulumi state delete` it"
    ) == str(caught.value)
