"""Limits on deactivations, revocations and reactivations in one process, of all profiles and of one."""

import pytest
from declarations import ANN, account_list, grant, user

from pulumi_conduit.errors import RefusedError

PEOPLE = {email: user(email) for email in ("a@acme.example", "b@acme.example", "c@acme.example")}


def inactive(sandbox):
    """Return who is INACTIVE."""
    return {email for email, live in sandbox.conductor.users().items() if live["status"] == "INACTIVE"}


def test_one_deactivation_more_than_the_limit_is_refused(sandbox, stack):
    """The next one fails, and says what to do."""
    stack.up(PEOPLE)
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "2"

    with pytest.raises(RefusedError) as caught:
        stack.destroy()

    assert str(caught.value) == (
        "user a@acme.example: deactivation: refused, because CONDUIT_MAX_DEACTIVATIONS allows 2 in one run and 2 are"
        " done; review the plan, then raise the limit for this run"
    )
    assert inactive(sandbox) == {"b@acme.example", "c@acme.example"}


def test_a_status_edit_counts_as_a_deactivation(sandbox, stack):
    """A limit of 0 keeps everybody ACTIVE, by whichever way."""
    stack.up(PEOPLE)
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_DEACTIVATIONS allows 0"):
        stack.up({**PEOPLE, "a@acme.example": user("a@acme.example", status="INACTIVE")})

    assert inactive(sandbox) == set()


@pytest.mark.parametrize("profile", [None, "b"])
def test_a_user_counts_once_however_many_states_it_has(sandbox, stack, switch, profile):
    """Half of a rename leaves two; the GET of the second delete still shows what the first has changed."""
    stack.environ |= sandbox.environ(profile="b")
    stack.up({"old": user(), "other": user("b@acme.example")})
    stack.up({"old": user(profile=profile), "other": user("b@acme.example")})
    stack.held["new"] = stack.held["old"]
    switch(read_lag=1)
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "2"

    stack.destroy()

    assert inactive(sandbox) == {ANN, "b@acme.example"}


def test_a_profiles_own_limit_counts_for_it_alone(sandbox, stack):
    """The limit of a profile stops that profile and leaves the others alone."""
    stack.environ |= sandbox.environ(profile="b") | {"CONDUIT_MAX_DEACTIVATIONS_B": "0"}
    stack.up({"a": user("a@acme.example", profile="b"), "b": user("b@acme.example")})

    with pytest.raises(RefusedError, match=r"^user a@acme\.example: deactivation: refused"):
        stack.destroy()

    assert inactive(sandbox) == {"b@acme.example"}


def test_one_revocation_more_than_the_limit_is_refused(sandbox, stack):
    """Each grant counts."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"two": grant(2), "three": grant(3)})
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "1"

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: removal of accounts 2: refused, because CONDUIT_MAX_REVOCATIONS a"
    ):
        stack.destroy()

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_call_that_would_exceed_the_limit_removes_nothing(sandbox, stack):
    """Each account of a list counts, and a call is sent whole or not at all."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2, 3])
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "1"

    with pytest.raises(
        RefusedError, match=r"removal of accounts 2, 3: refused, because .* allows 1 in one run and 0 are done"
    ):
        stack.up({"all": account_list(1)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2, 3]


@pytest.mark.parametrize("listed", [(1, 4), (4,), (1, 4, 5)], ids=["two of three", "all three", "more than it had"])
def test_a_list_that_would_revoke_too_much_gives_nothing_either(sandbox, stack, listed):
    """The limit is counted before the first write, so that a refused change of a list is no half of it."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"all": account_list(1, 2, 3)})
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "1"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REVOCATIONS allows 1 in one run and 0 are done"):
        stack.up({"all": account_list(*listed)})

    assert [1, 2, 3] == sandbox.conductor.user(ANN)["accounts"]
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "3"
    stack.up({"all": account_list(*listed)})
    assert [*listed] == sandbox.conductor.user(ANN)["accounts"]


def test_a_reactivation_that_would_revoke_too_much_gives_nothing_either(sandbox, stack):
    """Neither the declared accounts nor the status are written."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REVOCATIONS allows 0"):
        stack.up({"ann": user(), "three": grant(3)})

    assert ("INACTIVE", [2]) == tuple(sandbox.conductor.user(ANN)[one] for one in ("status", "accounts"))


def test_deactivating_a_user_with_its_grants_counts_no_revocation(sandbox, stack):
    """Linked grants are not revoked one by one."""
    stack.up({"ann": user(), "two": grant(2)})
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "0"

    stack.destroy()

    assert inactive(sandbox) == {ANN}


def test_grants_that_a_return_takes_away_count(sandbox, stack):
    """A reactivation that would revoke more than allowed is refused, and the user stays INACTIVE."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1, 2])
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REVOCATIONS allows 0"):
        stack.up({"ann": user()})

    assert inactive(sandbox) == {ANN}


@pytest.mark.parametrize("access", [{"two": grant(2), "three": grant(3)}, {"all": account_list(1, 2, 3)}])
@pytest.mark.parametrize("keeps", [True, False])
def test_declared_access_is_no_revocation_when_its_user_comes_back(sandbox, stack, switch, access, keeps):
    """What is declared is kept, and does not count, however many accounts it is."""
    switch(inactive_keeps_grants=keeps)
    stack.up({ANN: user(), **access}).up({ANN: user(status="INACTIVE"), **access})
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "0"

    stack.up({ANN: user(), **access})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2, 3]


@pytest.mark.parametrize("is_refreshed", [True, False])
def test_removing_who_is_inactive_already_is_no_deactivation(sandbox, stack, is_refreshed):
    """Whoever lost access before loses none; whoever is ACTIVE against the state does."""
    stack.up({**PEOPLE, "b@acme.example": user("b@acme.example", status="INACTIVE")})
    sandbox.conductor.edit_user("a@acme.example", status="INACTIVE")
    if is_refreshed:
        stack.refresh()
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "1"

    stack.destroy()

    assert inactive(sandbox) == set(PEOPLE)


def test_a_user_who_is_active_against_the_state_counts(sandbox, stack):
    """What counts is what is lost."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, status="ACTIVE")
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_DEACTIVATIONS allows 0"):
        stack.destroy()

    assert inactive(sandbox) == set()


def test_without_a_limit_no_user_is_read_before_it_is_deactivated(sandbox, stack):
    """A destroy is one request a user."""
    stack.up(PEOPLE)
    sandbox.forget_requests()

    stack.destroy()

    assert [request["route"] for request in sandbox.requests if request["method"] == "GET"] == []


def test_one_reactivation_more_than_the_limit_is_refused_before_anything_of_it_is_written(sandbox, stack):
    """A create that meets somebody INACTIVE counts, and leaves accounts and type alone where it is refused."""
    for email in PEOPLE:
        sandbox.conductor.put_user(email, status="INACTIVE", accounts=[1, 2])
    stack.environ["CONDUIT_MAX_REACTIVATIONS"] = "2"

    with pytest.raises(RefusedError) as caught:
        stack.up({**PEOPLE, "c@acme.example": user("c@acme.example", type="STANDARD")})

    assert str(caught.value) == (
        "user c@acme.example: reactivation: refused, because CONDUIT_MAX_REACTIVATIONS allows 2 in one run and 2 are"
        " done; review the plan, then raise the limit for this run"
    )
    assert {"c@acme.example"} == inactive(sandbox)
    refused = sandbox.conductor.user("c@acme.example")
    assert ("READ_ONLY", [1, 2]) == (refused["type"], refused["accounts"])


def test_a_status_edit_counts_as_a_reactivation(sandbox, stack):
    """By whichever way somebody comes back."""
    stack.up({ANN: user(status="INACTIVE")})
    stack.environ["CONDUIT_MAX_REACTIVATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REACTIVATIONS allows 0"):
        stack.up({ANN: user()})

    assert {ANN} == inactive(sandbox)


def test_a_user_whom_the_list_lacks_counts_as_a_reactivation(sandbox, stack):
    """The limit holds for what happens, whatever a list shows."""
    sandbox.faults.add("GET /users", status=200, body=[], times=None)
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1])
    stack.environ["CONDUIT_MAX_REACTIVATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REACTIVATIONS allows 0"):
        stack.up({ANN: user()})

    assert {ANN} == inactive(sandbox)


def test_a_profiles_limit_of_reactivations_counts_for_it_alone(sandbox, stack):
    """As the other two limits do."""
    stack.environ |= sandbox.environ(profile="b") | {"CONDUIT_MAX_REACTIVATIONS_B": "0"}
    for email in PEOPLE:
        sandbox.conductor.put_user(email, status="INACTIVE", accounts=[1])

    with pytest.raises(RefusedError, match=r"^user a@acme\.example: reactivation: refused"):
        stack.up({"b": user("b@acme.example"), "a": user("a@acme.example", profile="b")})

    assert {"a@acme.example", "c@acme.example"} == inactive(sandbox)


def test_who_is_created_adopted_or_active_by_now_is_no_reactivation(sandbox, stack):
    """Nothing of that gives access back."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.environ["CONDUIT_MAX_REACTIVATIONS"] = "0"
    stack.up({ANN: user(), "new": user("new@acme.example"), "off": user("off@acme.example", status="INACTIVE")})
    sandbox.conductor.edit_user("off@acme.example", status="ACTIVE")

    stack.up({ANN: user(), "new": user("new@acme.example"), "off": user("off@acme.example")})

    assert set() == inactive(sandbox)
