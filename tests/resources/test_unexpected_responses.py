"""What is not shown is not gone, and what is odd about one user is no news about another."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, grant, lines, user

from pulumi_conduit.errors import RefusedError, UnexpectedResponseError

LIST = f"account list of user {ANN}"
ODD = {"email": "odd@acme.example"}
NAMELESS = {"firstname": "Nobody"}
OTHERS = [1, 3, 4, 5, 6, 7, 8, 9, 10]


@pytest.fixture
def disowned(sandbox, stack, switch):
    """Hide account 2 of Ann's from the identity that recorded it, for it has lost it."""

    def lose(program):
        sandbox.conductor.put_user(ANN, accounts=[1])
        stack.up(program)
        switch(hide_foreign_accounts=True)
        sandbox.conductor.edit_identity(stack.environ["CONDUCTOR_USERNAME"], accounts=OTHERS)
        sandbox.forget_requests()

    return lose


def test_a_grant_on_an_account_that_was_lost_is_not_missing(sandbox, stack, disowned):
    """The identity that recorded a grant, too, cannot distinguish it from a hidden one once it has lost the account."""
    disowned({"two": grant(2)})

    with pytest.raises(RefusedError, match=rf"^access of user {ANN} to account 2: not shown to this identity, which"):
        stack.refresh()

    assert set(stack.held) == {"two"}


@pytest.mark.parametrize(
    ("act", "error", "reason"),
    [
        (lambda stack: stack.refresh(), RefusedError, f"{LIST}: accounts 2 are not shown to this identity"),
        (
            lambda stack: stack.up({"all": account_list(1)}),
            PreviewFailedError,
            "account_ids: 2 left the list, but this identity does not own them",
        ),
        (
            lambda stack: stack.destroy(),
            RefusedError,
            f"{LIST}: not removed, because this identity does not own accounts 2",
        ),
    ],
)
def test_a_list_with_an_account_that_was_lost_fails(sandbox, stack, disowned, act, error, reason):
    """No refresh, update or destroy takes the hidden account for removed."""
    disowned({"all": account_list(1, 2)})

    with pytest.raises(error, match=f"^{reason}"):
        act(stack)

    assert stack.outputs("all")["accountIds"] == [1, 2]
    assert lines(sandbox) == []
    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_list_that_was_emptied_outside_is_kept_as_empty_and_filled_again(sandbox, stack, switch):
    """Nothing is a value: the state says that there is no account, and the next run adds them."""
    switch(unshared_user="visible")
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_user(ANN, accounts=[])

    stack.refresh()

    assert stack.outputs("all")["accountIds"] == stack.held["all"].inputs["accountIds"] == []
    assert stack.preview({"all": account_list(1, 2)}) == [("update", "all")]


def test_a_list_that_was_stored_without_its_accounts_heals(sandbox, stack):
    """A state without the property is an emptied list, and an `up` fills it again."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"all": account_list(1, 2)})
    del stack.held["all"].outputs["accountIds"], stack.held["all"].inputs["accountIds"]

    stack.up({"all": account_list(1, 2)})

    assert stack.operations == [("update", "all")]
    assert stack.outputs("all")["accountIds"] == [1, 2]


@pytest.mark.parametrize("kind", ["get", "refresh", "preview"])
def test_of_two_users_that_differ_in_case_only_none_is_read(sandbox, stack, switch, kind):
    """Reads and previews do not pick one of them either."""
    stack.up({"ann": user()})
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user("Ann@acme.example", type="STANDARD")
    acts = {"get": lambda: stack.get("user", ANN), "refresh": stack.refresh, "preview": lambda: _previewed_anew(stack)}

    with pytest.raises(
        (RefusedError, PreviewFailedError), match=rf"user {ANN}: the API lists two users that differ in case only"
    ):
        acts[kind]()


def _previewed_anew(stack):
    stack.held.clear()
    stack.preview({"ann": user()})


def _listed(sandbox, *others):
    """Let the list hold Bob and what is given."""
    bob = {"email": BOB, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    bob |= {"view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[bob, *others], times=None)


def test_an_odd_stranger_stops_no_other_resource_else(sandbox, stack):
    """A listed user that cannot be read hinders neither a refresh nor a preview of others."""
    stack.up({"bob": user(BOB)})
    _listed(sandbox, ODD)

    stack.refresh()

    assert stack.preview({"bob": user(BOB), "ann": user()}) == [("same", "bob"), ("create", "ann")]


def test_an_odd_user_is_an_error_where_it_is_asked_for(sandbox, stack):
    """Nothing is concluded about it, in a preview neither."""
    _listed(sandbox, ODD)

    with pytest.raises(PreviewFailedError, match=r"GET /users lacks `firstname` \(item 2\)"):
        stack.preview({"odd": user("odd@acme.example")})


def test_a_user_without_a_readable_address_may_be_anybody(sandbox, stack):
    """Who is missing from such a list is not gone, although its own GET is 404, and those in it are read as ever."""
    stack.up({"ann": user(), "bob": user(BOB)})
    sandbox.conductor.remove_user(ANN)
    _listed(sandbox, NAMELESS)

    with pytest.raises(UnexpectedResponseError, match=r"GET /users lacks `email` \(item 2\)"):
        stack.refresh()

    assert set(stack.held) == {"ann", "bob"}
    assert len(stack.errors) == 1


def test_a_list_with_an_odd_user_is_not_the_list_of_all_users(sandbox, stack):
    """Who asks for everybody gets everybody or an error."""
    _listed(sandbox, ODD)

    with pytest.raises(UnexpectedResponseError, match=r"GET /users lacks `firstname` \(item 2\)"):
        stack.run.sessions.conductor(None).cache.users()


def test_the_list_holds_users_who_cannot_be_read_beside_the_others(sandbox, stack):
    """Who compares everybody gets the odd one with its reason, not an error for all."""
    _listed(sandbox, ODD)

    listing = stack.run.sessions.conductor(None).cache.listing()

    assert {BOB, "odd@acme.example"} == set(listing)
    assert "lacks `firstname`" in listing["odd@acme.example"].reason
