"""An exclusive list that goes leaves no ACTIVE user, who stays, without an account that this identity owns."""

import pytest
from declarations import ANN, BOB, account_list, grant, user

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.account_access_exclusive.model import taken_with_list


@pytest.fixture(autouse=True)
def ann(sandbox):
    """Put a user of another stack."""
    sandbox.conductor.put_user(ANN, accounts=[1])


def refused(sandbox, stack, program, held):
    """Expect that a removal is refused with the ways out, and that nothing was removed."""
    with pytest.raises(
        RefusedError,
        match=(
            rf"^account list of user {ANN}: not removed, because user {ANN} is ACTIVE and would have no account"
            r" that this identity owns: .* Declare a UserAccountAccess for an account that it keeps, or set the user"
            r" INACTIVE, and run again; or set retain_on_delete on the list"
        ),
    ):
        stack.up(program)
    assert held == sandbox.conductor.user(ANN)["accounts"]
    assert "all" in stack.held


@pytest.mark.parametrize("others", [[], [99]], ids=["nothing else", "an account of another identity"])
def test_a_user_of_another_stack_is_not_stripped(sandbox, stack, others):
    """Nothing is known of its initial accounts."""
    sandbox.conductor.edit_user(ANN, accounts=[1, *others])
    stack.up({"all": account_list(1, 2)})

    refused(sandbox, stack, {}, [1, 2, *others])


def test_a_user_whose_initial_accounts_are_held_no_more_is_not_stripped(sandbox, stack):
    """Nothing is given by a destroy, so there is nothing to leave."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(), "all": account_list(1, 2)})
    stack.up({"ann": user(), "all": account_list(2, 3)})

    refused(sandbox, stack, {"ann": user()}, [2, 3])


def test_a_list_that_turns_to_another_user_does_not_strip_the_old_one(sandbox, stack):
    """A replacement's delete is a removal like any other."""
    sandbox.conductor.put_user(BOB, accounts=[1])
    stack.up({"all": account_list(1, 2)})

    with pytest.raises(RefusedError, match="would have no account that this identity owns"):
        stack.up({"all": account_list(1, 2, email=BOB)})

    assert [1, 2] == sandbox.conductor.user(ANN)["accounts"]


def test_a_retained_user_is_not_stripped_by_a_destroy(sandbox, stack):
    """In a destroy the state knows the initial accounts, and none is held."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(onDestroy="retain"), "all": account_list(1)})
    stack.up({"ann": user(onDestroy="retain"), "all": account_list(2)})

    with pytest.raises(RefusedError, match=r"it holds 'Travel' \(2\), and of initial_accounts \('Retail' \(1\)\) n"):
        stack.destroy()

    assert [2] == sandbox.conductor.user(ANN)["accounts"]


def test_beside_a_foreign_account_the_initial_one_is_left_with_a_warning(sandbox, stack):
    """An account that this identity does not own keeps nobody visible to it."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(), "all": account_list(1, 2)})
    sandbox.conductor.add_grant(ANN, 99)

    stack.up({"ann": user()})

    assert [1, 99] == sandbox.conductor.user(ANN)["accounts"]
    assert [
        (
            f"account list of user {ANN}: removed: 'Travel' (2); user {ANN} keeps accounts 'Retail' (1) of its"
            " initial_accounts, because it would have no account that this identity owns without them; no grant of the"
            " stack's state holds them"
        )
    ] == stack.warnings


def test_an_account_that_is_left_is_enough(sandbox, stack):
    """Whoever holds another account of this identity loses the whole list, initial accounts included."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(), "all": account_list(1, 2)})
    sandbox.conductor.add_grant(ANN, 3)

    stack.up({"ann": user()})

    assert [3] == sandbox.conductor.user(ANN)["accounts"]
    assert [] == stack.warnings


def test_the_ways_out_lead_out(sandbox, stack):
    """A grant in place of the list, and a user who is INACTIVE, let it go."""
    stack.up({"all": account_list(1, 2)})
    stack.up({"one": grant(1)})
    held = sandbox.conductor.user(ANN)["accounts"]
    stack.up({"all": account_list(2)})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    stack.up({})

    assert ([1], []) == (held, sandbox.conductor.user(ANN)["accounts"])


@pytest.mark.parametrize("hidden", [True, False])
def test_an_inactive_user_keeps_its_initial_account_and_no_other(sandbox, stack, switch, hidden):
    """So its own destroy still finds it, and an activation brings nothing back that is not declared."""
    switch(inactive_accounts_hidden=hidden)
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(), "all": account_list(1, 2)})
    stack.up({"ann": user(status="INACTIVE"), "all": account_list(1, 2)})

    stack.up({"ann": user(status="INACTIVE")})
    kept = sandbox.conductor.user(ANN)["accounts"]
    stack.destroy()

    assert ([1], {}) == (kept, stack.held)


def test_a_user_that_no_response_shows_keeps_its_initial_account(sandbox, stack, switch):
    """What is not seen is taken for held."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(onDestroy="retain"), "all": account_list(1, 2)})
    sandbox.faults.add("GET /users/{userEmail}", status=404, body={"message": "Not Found"}, times=None)
    switch(list_limit=0)
    sandbox.faults.add(
        "GET /accounts",
        status=200,
        body=[{"name": str(one), "account_id": one, "creation_date": "2026-01-01"} for one in (1, 2)],
    )

    stack.destroy()

    assert [1] == sandbox.conductor.user(ANN)["accounts"]


def test_a_list_of_initial_accounts_only_goes_without_a_request(sandbox, stack):
    """Everything that it listed is left to the user, which is said."""
    sandbox.conductor.remove_user(ANN)
    stack.up({"ann": user(), "all": account_list(1)})
    sandbox.forget_requests()

    stack.up({"ann": user()})

    assert ({"ann"}, []) == (set(stack.held), sandbox.writes())
    assert ["keeps accounts 'Retail' (1) of its initial_accounts" in one for one in stack.warnings] == [True]


def test_a_removal_that_does_not_show_is_an_error(sandbox, stack):
    """An answer that still has the account is not believed, and the state stays."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.add_grant(ANN, 3)
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=200, body={"accounts": [2, 3]})

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: the API accepted the removal but still shows 'Travel' \(2\);"
    ):
        stack.destroy()

    assert {"all"} == set(stack.held)


@pytest.mark.parametrize(
    ("listed", "wanted", "held", "initial", "expected"),
    [
        ({1, 2}, (), {1, 2}, {1}, {2}),
        ({1, 2}, (), {1, 2, 3}, {1}, {1, 2}),
        ({1, 2}, {2}, {1, 2}, {1}, {1}),
        ({1, 2}, (), {1, 2}, (), {1, 2}),
        ({1, 2}, (), (), {1}, {2}),
        ((), (), {1}, {1}, ()),
    ],
    ids=["nothing else", "another one", "one is wanted", "no first accounts", "nothing shown", "empty"],
)
def test_first_accounts_stay_only_for_who_would_hold_nothing(listed, wanted, held, initial, expected):
    """Whoever holds anything else of this identity loses the whole list."""
    assert frozenset(expected) == taken_with_list(*map(frozenset, (listed, wanted, held, initial)))
