"""A removal is sent whatever a GET shows: a 404, an old answer and an INACTIVE user prove nothing about an access."""

import pytest
from declarations import ANN, account_list, grant, lines

from pulumi_conduit.errors import RefusedError

GET, ACCESS = "GET /users/{userEmail}", "PUT /users/{userEmail}/accounts"
REMOVE = f"PUT /users/{ANN}/accounts removal=true"
KINDS = {"grant": grant(2), "list": account_list(2)}
every_kind = pytest.mark.parametrize("declared", KINDS.values(), ids=KINDS)


@pytest.fixture(autouse=True)
def ann(sandbox):
    """Put a user of another stack, whom a list leaves an account of."""
    sandbox.conductor.put_user(ANN, accounts=[1])


@pytest.fixture
def accounts(sandbox):
    """Return a way to see what Ann holds."""
    return lambda: sandbox.conductor.user(ANN)["accounts"]


@pytest.fixture
def given(sandbox, stack):
    """Return a way to bring a declaration up, after which Ann holds account 1 beside it."""

    def bring_up(declared):
        stack.up({"it": declared})
        sandbox.conductor.edit_user(ANN, accounts=[1, 2])
        sandbox.forget_requests()

    return bring_up


def not_found(sandbox, route, times=None):
    """Let a route answer 404 in JSON, as one does whose path is wrong."""
    return sandbox.faults.add(route, status=404, body={"message": "Not Found"}, times=times)


@every_kind
def test_a_404_of_the_get_keeps_no_access(sandbox, stack, given, accounts, declared):
    """The list shows the user, so the removal is sent, and the warning points at the route table."""
    given(declared)
    not_found(sandbox, GET)

    stack.destroy()

    assert ([REMOVE], [1], {}) == (lines(sandbox), accounts(), stack.held)
    assert [
        (
            f"user {ANN}: its GET returned 404, but the list of users shows it; the removal is sent all the same. Check"
            " the route get_user in the route table (CONDUCTOR_ROUTES)"
        )
    ] == stack.warnings


@pytest.mark.parametrize("routes", [[GET, ACCESS], [ACCESS]], ids=["GET and PUT", "PUT"])
@every_kind
def test_a_404_of_the_removal_of_a_user_that_is_shown_is_an_error(sandbox, stack, given, accounts, declared, routes):
    """Nothing leaves the state, and the error names what to look at."""
    given(declared)
    for route in routes:
        not_found(sandbox, route)

    with pytest.raises(
        RefusedError,
        match=(
            rf"^user {ANN}: the removal of accounts 'Travel' \(2\) returned 404, but another response of this run shows"
            r" the user; nothing was removed. Check CONDUCTOR_URL and the route change_user_accounts in the route table"
        ),
    ):
        stack.destroy()

    assert ({"it"}, [1, 2]) == (set(stack.held), accounts())


@every_kind
def test_a_user_that_neither_get_nor_list_shows_is_sent_the_removal(sandbox, stack, switch, given, accounts, declared):
    """A list may be short; what the write says is the last word."""
    given(declared)
    not_found(sandbox, GET)
    switch(list_limit=0)
    sandbox.faults.add("GET /accounts", status=200, body=[_account(one) for one in (1, 2)])

    stack.destroy()

    assert ([REMOVE], [1], {}) == (lines(sandbox), accounts(), stack.held)


def _account(account_id):
    return {"name": str(account_id), "account_id": account_id, "creation_date": "2026-01-01"}


def test_another_account_of_a_grant_removes_the_old_one_under_a_404(sandbox, stack, given, accounts):
    """A replacement's delete is a removal like any other."""
    given(grant(2))
    not_found(sandbox, GET)

    stack.up({"it": grant(3)})

    assert [1, 3] == accounts()


def test_several_removals_under_a_404_end_each_with_its_own_error(sandbox, stack, accounts):
    """With GET and PUT wrong no grant leaves the state, whichever goes first."""
    stack.up({"two": grant(2), "three": grant(3)})
    for route in (GET, ACCESS):
        not_found(sandbox, route)

    stack.destroy(keep_going=True)

    assert {"two", "three"} == set(stack.held)
    assert [RefusedError, RefusedError] == [type(error) for error in stack.errors]
    assert [1, 2, 3] == accounts()


@every_kind
def test_another_identity_that_does_not_find_the_user_proves_nothing(sandbox, stack, given, declared):
    """Who recorded the access sees more than who removes it."""
    given(declared)
    sandbox.conductor.add_identity("b@sandbox.example", "pw", [2])
    stack.environ |= sandbox.environ(identity="b@sandbox.example")
    sandbox.conductor.edit_user(ANN, accounts=[1])

    with pytest.raises(
        RefusedError, match=r"the user is not visible to this identity \(404\), but another identity recorded it"
    ):
        stack.destroy()

    assert {"it"} == set(stack.held)
    assert [REMOVE] == lines(sandbox)


@pytest.mark.parametrize("hidden", [True, False])
@every_kind
def test_an_access_that_an_inactive_user_does_not_show_is_not_back_after_an_activation(
    sandbox, stack, switch, given, accounts, declared, hidden
):
    """The API may hide the accounts of an INACTIVE user; they come back with the status, unless they are removed."""
    switch(inactive_accounts_hidden=hidden)
    given(declared)
    sandbox.conductor.edit_user(ANN, status="INACTIVE")

    stack.up({})
    sandbox.conductor.edit_user(ANN, status="ACTIVE")

    assert ([REMOVE], [1]) == (lines(sandbox), accounts())
    assert sandbox.count(GET) == 1


@pytest.mark.parametrize("hidden", [True, False])
def test_a_list_of_an_inactive_user_that_gets_shorter_is_not_as_long_again(sandbox, stack, switch, accounts, hidden):
    """What the state has and the program does not is removed, shown or not."""
    switch(inactive_accounts_hidden=hidden)
    stack.up({"it": account_list(1, 2, 3)})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")

    stack.up({"it": account_list(1, 2)})

    assert [1, 2] == accounts()


@pytest.mark.parametrize("hidden", [True, False])
def test_a_new_list_of_an_inactive_user_is_the_whole_list(sandbox, stack, switch, accounts, hidden):
    """Where nothing is shown, everything else that this identity owns is removed; what it does not own is left."""
    switch(inactive_accounts_hidden=hidden)
    sandbox.conductor.edit_user(ANN, status="INACTIVE", accounts=[1, 4, 99])

    stack.up({"it": account_list(1, 2)})

    assert [1, 2, 99] == accounts()


def test_a_list_that_gets_shorter_removes_what_a_late_get_does_not_show(sandbox, stack, accounts):
    """Of an ACTIVE user, too, an absence in an answer is no reason to send nothing."""
    stack.up({"it": account_list(1, 2, 3)})
    shown = _shown(sandbox, accounts=[1, 2])
    sandbox.faults.add(GET, status=200, body=shown, times=None)

    stack.up({"it": account_list(1, 2)})

    assert [1, 2] == accounts()


def _shown(sandbox, **changes):
    live = sandbox.conductor.user(ANN)
    names = {"firstname": live["first_name"], "lastname": live["last_name"]}
    return {name: live[name] for name in ("email", "sso_access", "type", "view", "status")} | names | changes


def test_a_plain_removal_costs_a_get_and_a_write(sandbox, given, stack):
    """What is shown needs neither list."""
    given(grant(2))

    stack.destroy()

    assert {"POST /login": 1, GET: 1, ACCESS: 1} == dict(sandbox.counts())


def test_when_too_many_are_not_found_their_access_stays_in_the_state(sandbox, stack):
    """An identity that sees nobody any more forgets no more accesses than CONDUIT_MAX_MISSING allows."""
    people = [f"user-{number}@acme.example" for number in range(5)]
    for email in people:
        sandbox.conductor.put_user(email, accounts=[1])
    stack.up({email: grant(2, email) for email in people})
    for email in people:
        sandbox.conductor.edit_user(email, accounts=[99])

    stack.destroy(keep_going=True)

    assert 2 == len(stack.held)
    assert ["more than maxMissing (3)" in str(error) for error in stack.errors] == [True, True]


@every_kind
def test_access_of_a_user_removed_outside_is_removed_from_state_with_a_warning(sandbox, stack, declared):
    """A re-run of a removal that had its effect ends, with a warning for each."""
    stack.up({"it": declared})
    sandbox.conductor.remove_user(ANN)

    stack.destroy()

    assert {} == stack.held
    assert [one for one in stack.warnings if ": the user is not found (404, and in no list)" in one]
