"""An exclusive list and its user's initial accounts: only a user that is to be created must have them in the list."""

import pytest
from declarations import ANN, PreviewFailedError, account_list, user

OUTSIDE = r"1 is (an initial account of user ann@acme\.example and not in the list|not in the account_ids of the excl)"
BOTH = {"ann": user(), "all": account_list(2)}


@pytest.mark.parametrize(
    ("program", "preview"),
    [(BOTH, "online"), (BOTH, "offline"), (dict(reversed(BOTH.items())), "offline")],
    ids=["online", "offline", "list first"],
)
def test_a_new_user_with_an_initial_account_outside_its_list_is_refused(stack, program, preview):
    """It would be created with access that the list forbids."""
    stack.environ["CONDUIT_PREVIEW"] = preview

    with pytest.raises(PreviewFailedError, match=OUTSIDE):
        stack.preview(program)


def test_the_update_refuses_it_too(stack):
    """An `up` without a preview creates the user, and leaves it with what it was created with."""
    with pytest.raises(PreviewFailedError, match=OUTSIDE):
        stack.up(BOTH)


def test_a_list_is_added_to_a_user_of_the_state(sandbox, stack):
    """Its initial accounts have done their work."""
    stack.up({"ann": user()})

    stack.preview(BOTH)
    stack.up(BOTH)

    assert sandbox.conductor.user(ANN)["accounts"] == [2]


@pytest.mark.parametrize("program", [BOTH, dict(reversed(BOTH.items()))], ids=["user first", "list first"])
@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_a_list_comes_with_a_user_that_exists_already(sandbox, stack, status, program):
    """One that is adopted or reactivated is not created with its initial accounts."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2], status=status)

    stack.preview(program)
    stack.up(program)

    assert sandbox.conductor.user(ANN)["accounts"] == [2]


def test_a_list_is_added_while_its_user_is_renamed(sandbox, stack):
    """A user that is new in the program only exists all the same."""
    stack.up({"ann": user()})
    program = {"new": user(), "all": account_list(2)}

    stack.preview(program)
    stack.up(program)

    assert sandbox.conductor.user(ANN)["accounts"] == [2]
