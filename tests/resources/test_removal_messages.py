"""A removal says, once per resource, what was done: Pulumi prints `deleted` for all of it."""

import pytest
from declarations import ANN, account_list, company, grant, user

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
