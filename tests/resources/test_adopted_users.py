"""The state says who was found and not created, and a removal that deactivates such a person says so."""

import pytest
from declarations import ANN, user

SAID = (
    f"user {ANN}: was found by its resource, not created (adopted, renamed without an alias, or replaced), and is"
    " deactivated; on_destroy='retain' would have kept it"
)


def test_a_created_user_is_not_called_adopted(sandbox, stack):
    """Its deactivation needs no word more."""
    stack.up({"ann": user()})
    stack.warnings.clear()
    created = dict(stack.outputs("ann"))

    stack.destroy()

    assert "adopted" not in created
    assert [] == stack.warnings
    assert "INACTIVE" == sandbox.conductor.user(ANN)["status"]


@pytest.mark.parametrize(
    ("found", "declared"),
    [
        ({}, {}),
        ({"type": "STANDARD"}, {"onConflict": "adopt"}),
        ({"status": "INACTIVE"}, {}),
        ({}, {"importId": ANN}),
    ],
    ids=["as declared", "other type", "reactivated", "imported"],
)
def test_a_user_that_was_found_is_adopted_and_its_deactivation_says_so(sandbox, stack, found, declared):
    """However it was found; later updates and refreshes keep it."""
    sandbox.conductor.put_user(ANN, **found)
    stack.up({"ann": user(**declared)})
    first = stack.outputs("ann")["adopted"]
    stack.up({"ann": user(type="STANDARD")})
    stack.refresh()
    stack.warnings.clear()

    kept = stack.outputs("ann")["adopted"]
    stack.destroy()

    assert (True, True) == (first, kept)
    assert [SAID] == stack.warnings
    assert "INACTIVE" == sandbox.conductor.user(ANN)["status"]


def test_a_user_that_only_the_409_reveals_is_adopted(sandbox, stack, switch):
    """The list did not have it, and the POST met it."""
    sandbox.conductor.put_user(ANN)
    switch(list_limit=0)
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"ann": user()})

    assert stack.outputs("ann")["adopted"] is True


def test_a_user_whose_own_create_was_cut_off_is_not_adopted(sandbox, stack):
    """The POST took effect although its response was lost: the stack did create the person."""
    sandbox.faults.add("POST /users", drop="after")

    stack.up({"ann": user()})

    assert "adopted" not in stack.outputs("ann")


def test_a_user_that_is_retained_is_not_called_deactivated(sandbox, stack):
    """What keeps it is in effect."""
    sandbox.conductor.put_user(ANN)
    stack.up({"ann": user(onDestroy="retain")})
    stack.warnings.clear()

    stack.destroy()

    assert SAID not in stack.warnings
    assert "ACTIVE" == sandbox.conductor.user(ANN)["status"]
