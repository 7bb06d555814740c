"""What is said of access that is hidden, foreign or last, held whole: somebody decides by these words."""

import pytest
from declarations import ANN, PreviewFailedError, account_list, grant

from pulumi_conduit.errors import ConduitError


@pytest.fixture
def told(stack):
    """Return a function that captures what an error says."""

    def hear(act, *arguments):
        with pytest.raises((ConduitError, PreviewFailedError)) as caught:
            act(*arguments)
        return str(caught.value)

    return hear


@pytest.fixture
def foreign_two(sandbox, stack, switch):
    """Declare Ann's accounts, then let account 2 belong to somebody else, whose accounts answers hide."""

    def declare(declaration):
        sandbox.conductor.put_user(ANN, accounts=[1])
        stack.up({"it": declaration})
        sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 3])
        switch(hide_foreign_accounts=True)

    return declare


@pytest.mark.parametrize("declared", [grant(2), account_list(1, 2)], ids=["grant", "list"])
def test_what_is_not_owned_is_not_removed(stack, told, foreign_two, declared):
    """Whoever reads this knows which identity to use."""
    foreign_two(declared)

    assert told(stack.destroy).endswith(
        ": not removed, because this identity does not own accounts 2 and may not be shown them; use the identity that"
        " owns them"
    )


def test_a_hidden_grant_is_no_absent_one(stack, told, foreign_two):
    """Whoever reads this knows whom to ask."""
    foreign_two(grant(2))

    assert (
        f"access of user {ANN} to account 2: not shown to this identity, which does not own the account, so state"
        " is unchanged; use the identity that owns the account"
    ) == told(stack.refresh)


def test_a_hidden_account_of_a_list_is_no_absent_one(stack, told, foreign_two):
    """Likewise for a whole list."""
    foreign_two(account_list(1, 2))

    assert (
        f"account list of user {ANN}: accounts 2 are not shown to this identity, which does not own them, so nothing"
        " is changed; use the identity that owns them"
    ) == told(stack.refresh)


def test_the_last_account_goes_with_a_warning(sandbox, stack):
    """The warning says who stays, and how."""
    sandbox.conductor.put_user(ANN, accounts=[2])
    stack.up({"two": grant(2)})

    stack.destroy()

    (warning,) = stack.warnings
    assert (
        f"access of user {ANN} to account 2: removed, and it was the user's last account; without one this identity"
        " may not see the user any more, who stays as ACTIVE as before"
    ) == warning


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        (grant(2, importId=f"{ANN}:2"), "import_ names it, but the user does not hold the account"),
        (
            grant(2, importId=f"{ANN}:1"),
            f"import_='{ANN}:1' does not match the declared user and account_id, '{ANN}:2'",
        ),
    ],
)
def test_an_import_of_a_grant_that_cannot_be_says_why(sandbox, stack, told, declaration, said):
    """Another id and an account that is not held are distinguished."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    assert f"access of user {ANN} to account 2: {said}" == told(stack.preview, {"it": declaration})
