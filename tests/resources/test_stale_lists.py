"""What a list shows may be old: it is adopted only after the user's own GET, made after the last write."""

import pytest
from declarations import ANN, account_list, grant, lines, user

from pulumi_conduit.errors import RefusedError

GET = "GET /users/{userEmail}"
ADD = f"PUT /users/{ANN}/accounts removal=false"
OTHER = "b@sandbox.example"


@pytest.fixture(autouse=True)
def ann(sandbox):
    """Put a user of another stack."""
    sandbox.conductor.put_user(ANN, accounts=[1])


@pytest.fixture
def accounts(sandbox):
    """Return a way to see what Ann holds."""
    return lambda: sandbox.conductor.user(ANN)["accounts"]


@pytest.fixture
def lagging(sandbox, stack, switch):
    """Remove account 2, and let every list show it all the same."""
    stack.up({"two": grant(2)}).up({})
    switch(list_lag_writes=1)
    sandbox.forget_requests()


@pytest.mark.parametrize("preview", ["online", "offline"])
@pytest.mark.usefixtures("lagging")
def test_a_grant_that_only_a_late_list_shows_is_added(sandbox, stack, accounts, preview):
    """Its own GET lacks it, so it is not adopted."""
    stack.environ["CONDUIT_PREVIEW"] = preview

    stack.up({"two": grant(2)})

    assert ([ADD], [1, 2], 1) == (lines(sandbox), accounts(), sandbox.count(GET))
    what = f"access of user {ANN} to account 2"
    assert f"{what}: the list of users shows it, but the user's own GET does not, so it was added" in stack.warnings


@pytest.mark.usefixtures("lagging")
def test_several_grants_that_a_late_list_shows_are_judged_by_one_get(sandbox, stack, switch, accounts):
    """What the GET shows is adopted, the rest is added in one call."""
    stack.up({"three": grant(3), "four": grant(4)}).up({"three": grant(3)})
    sandbox.forget_requests()

    stack.up({"three": grant(3), "new": grant(4), "one": grant(1)})

    assert ([1, 3, 4], [ADD]) == (accounts(), lines(sandbox))
    assert sandbox.count(GET) == 1


@pytest.mark.usefixtures("lagging")
def test_an_import_of_what_only_a_late_list_shows_is_refused(sandbox, stack):
    """An import never writes, and takes nothing into the state that is not there."""
    with pytest.raises(RefusedError, match="import_ names it, but the user does not hold the account"):
        stack.up({"two": grant(2, importId=f"{ANN}:2")})

    assert ({}, []) == (stack.held, lines(sandbox))


def test_a_list_that_lags_for_a_time_hides_no_removal(sandbox, stack, switch, accounts):
    """However the list lags, the GET decides."""
    stack.up({"two": grant(2)})
    sandbox.advance(7200)
    stack.up({})
    switch(list_lag_s=3600)

    stack.up({"two": grant(2)})

    assert [1, 2] == accounts()


def test_a_get_that_is_404_leaves_it_to_the_write(sandbox, stack, accounts):
    """The list shows the access and the GET's route is wrong: to add what is there has no effect."""
    sandbox.conductor.add_grant(ANN, 2)
    sandbox.faults.add(GET, status=404, body={"message": "Not Found"}, times=None)

    stack.up({"two": grant(2)})

    assert ([ADD], [1, 2], {"two"}) == (lines(sandbox), accounts(), set(stack.held))


def test_a_list_costs_no_get_for_what_it_lacks(sandbox, stack):
    """Everyday grants cost a write and no look."""
    stack.up({"two": grant(2), "three": grant(3)})

    assert sandbox.count(GET) == 0


@pytest.fixture
def two_identities(sandbox, stack):
    """Give the stack a profile `b` of another identity at the same URL, which owns the same accounts."""
    sandbox.conductor.add_identity(OTHER, "pw", [1, 2, 3])
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")


@pytest.mark.usefixtures("two_identities")
def test_a_grant_that_another_identity_took_in_this_run_is_added(sandbox, stack, accounts):
    """One identity reactivates the user and removes account 3; the other's list, which is older, still shows it."""
    sandbox.conductor.edit_user(ANN, status="INACTIVE", accounts=[1, 3])

    stack.up({"ann": user(), "three": grant(3, profile="b")})

    assert ("ACTIVE", [1, 3]) == (sandbox.conductor.user(ANN)["status"], accounts())
    assert "three" in stack.held


@pytest.mark.parametrize("program", [{"three": grant(3, profile="b")}, {"all": account_list(1, 3, profile="b")}])
@pytest.mark.usefixtures("two_identities")
def test_what_this_run_removed_is_added_again_although_a_late_get_shows_it(sandbox, stack, accounts, program):
    """A response that shows what another identity of this process has removed may be an old one."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 3])
    stack.begin()
    for name, (kind, properties) in program.items():
        stack.check(kind, properties, name)
    stack.writer(ANN).remove(frozenset({3}))
    live = sandbox.conductor.user(ANN)
    names = {"firstname": live["first_name"], "lastname": live["last_name"]}
    old = {name: live[name] for name in ("email", "sso_access", "type", "view", "status")} | names
    sandbox.faults.add(GET, status=200, body={**old, "accounts": [1, 3]}, times=None)

    for kind, properties in program.values():
        handler = stack.handler(kind)
        handler.create(handler.spec(handler.check({}, properties).inputs))

    assert [1, 3] == accounts()


@pytest.mark.usefixtures("two_identities")
def test_a_read_after_another_identitys_write_asks_the_user(sandbox, stack):
    """A list from before that write says nothing about what is there now."""
    stack.up({"three": grant(3, profile="b")})
    stack.begin()
    handler = stack.handler("grant", "three")
    state = handler.state(stack.outputs("three"))
    handler.read(state)
    stack.writer(ANN).remove(frozenset({3}))

    assert "access of user" in handler.read(state).what
    assert sandbox.count(GET) == 1


def test_a_lookup_asks_the_user_where_a_late_list_lacks_the_grant(sandbox, stack, switch):
    """An absence in a list is no more proof than a presence."""
    stack.up({"two": grant(2)})
    switch(list_lag_writes=1)

    assert 2 == stack.get("grant", f"{ANN}:2").account_id
