"""A removal says, once per resource, what was done: Pulumi prints `deleted` for all of it."""

import pytest
from declarations import ANN, BOB, account_list, company, grant, user

from pulumi_conduit.errors import RefusedError

ACCESS = f"access of user {ANN} to account 2"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({}, f"user {ANN}: deactivated; the API deletes nobody"),
        ({"status": "INACTIVE"}, f"user {ANN}: left INACTIVE, as it was recorded; the API deletes nobody"),
    ],
)
def test_a_user_is_deactivated_and_not_deleted(stack, declared, said):
    """One who is INACTIVE already stays so."""
    stack.up({"ann": user(**declared)})

    stack.destroy()

    assert ([said], []) == (stack.messages, stack.warnings)


@pytest.mark.parametrize(
    ("is_open", "said"),
    [(True, "page closed;"), (False, "its page was closed already;")],
)
def test_a_company_is_closed_and_not_deleted(stack, is_open, said):
    """Where its policy closes the page."""
    stack.up({"acme": company(onDestroy="disable_page", pageEnabled=is_open)})

    stack.destroy()

    because = "removed from state only, because the API cannot delete a company"
    assert [f"company 'ACME': {said} {because}"] == stack.messages


def test_a_grant_that_is_removed_says_so(stack):
    """The user keeps another account."""
    stack.up({"ann": user(), "travel": grant(2)})

    stack.up({"ann": user()})

    assert ([f"{ACCESS}: removed"], []) == (stack.messages, stack.warnings)


def test_a_grant_that_was_not_shown_says_that_its_removal_was_sent(sandbox, stack):
    """It may have been removed outside, or be hidden."""
    stack.up({"ann": user(), "travel": grant(2)})
    sandbox.conductor.edit_user(ANN, accounts=[1])

    stack.up({"ann": user()})

    assert [f"{ACCESS}: the user did not show it; its removal was sent all the same"] == stack.messages


def test_a_list_says_which_accounts_it_has_removed(sandbox, stack):
    """By name, because the list of accounts is read for it anyway."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2, 3])
    stack.up({"all": account_list(2, 3)})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 3])

    stack.destroy()

    assert [f"account list of user {ANN}: removed: 'Travel' (2), 'Finance' (3)"] == stack.messages


def test_a_user_whose_last_account_this_run_removed_is_named_with_it(sandbox, stack):
    """An unlinked grant goes before its user, whom the API may then hide."""
    stack.up({"ann": user(accounts=(2,)), "two": grant(2)})

    stack.begin()
    stack._delete("two", stack.held["two"])

    with pytest.raises(RefusedError, match=r"\(404\) any more: this run removed its accounts 'Travel' \(2\) before"):
        stack._delete("ann", stack.held["ann"])

    assert sandbox.conductor.user(ANN)["status"] == "ACTIVE"


@pytest.mark.parametrize("on_destroy", ["deactivate", "retain"])
def test_a_pending_delete_names_what_the_next_user_of_the_resource_keeps(stack, on_destroy):
    """The engine sends no removal of a grant that is linked to a resource with a pending delete."""
    stack.up({"it": user(onDestroy=on_destroy)})
    pending = stack.held["it"]
    stack.up({"it": user(BOB), "two": grant(2, email=BOB)})
    del stack.held["two"]  # as the engine does

    stack.up({"it": user(BOB)})
    assert stack.warnings == []
    stack._delete("it", pending)

    said = f"user {BOB}: holds accounts that no grant of this program declares: 'Travel' (2)"
    assert said in stack.warnings


def test_a_pending_delete_is_done_although_the_next_user_cannot_be_read(sandbox, stack):
    """A deactivation does not wait for a warning about another user."""
    stack.up({"it": user()})
    pending = stack.held["it"]
    stack.up({"it": user(BOB)})
    sandbox.conductor.edit_user(ANN, status="ACTIVE")
    for route in ("GET /users", "GET /users/{userEmail}"):
        sandbox.faults.add(route, status=400, times=None)

    stack.up({"it": user(BOB)})
    stack._delete("it", pending)

    (said,) = stack.warnings
    assert said.startswith(f"user {BOB}: its accounts cannot be read: ")
    assert said.endswith("; run `pulumi-conduit audit`")
    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_a_replaced_user_names_nothing_of_the_next_one(stack):
    """In the run that replaces it, every removal is sent."""
    stack.up({"it": user(), "two": grant(2)})

    stack.up({"it": user(BOB), "two": grant(2, email=BOB)})

    assert not [said for said in stack.warnings if "holds accounts" in said]
