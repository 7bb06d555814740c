"""Limits on what cannot be taken back: deactivations and revocations in one process, of all profiles and of one."""

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
        "user a@acme.example: deactivation: refused, for CONDUIT_MAX_DEACTIVATIONS allows 2 in one run and 2 are done;"
        " look at the plan, then raise the limit for this run"
    )
    assert inactive(sandbox) == {"b@acme.example", "c@acme.example"}


def test_a_status_edit_counts_as_a_deactivation(sandbox, stack):
    """A limit of 0 keeps everybody ACTIVE, by whichever way."""
    stack.up(PEOPLE)
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "0"

    with pytest.raises(RefusedError, match="CONDUIT_MAX_DEACTIVATIONS allows 0"):
        stack.up({**PEOPLE, "a@acme.example": user("a@acme.example", status="INACTIVE")})

    assert inactive(sandbox) == set()


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
        RefusedError, match=rf"^user {ANN}: removal of accounts 2: refused, for CONDUIT_MAX_REVOCATIONS a"
    ):
        stack.destroy()

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_call_that_would_exceed_the_limit_removes_nothing(sandbox, stack):
    """Each account of a list counts, and a call is sent whole or not at all."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2, 3])
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "1"

    with pytest.raises(
        RefusedError, match=r"removal of accounts 2, 3: refused, for .* allows 1 in one run and 0 are done"
    ):
        stack.up({"all": account_list(1)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2, 3]


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


def test_without_a_limit_nobody_is_looked_at_before_it_is_deactivated(sandbox, stack):
    """A destroy is one request a user."""
    stack.up(PEOPLE)
    sandbox.forget_requests()

    stack.destroy()

    assert [request["route"] for request in sandbox.requests if request["method"] == "GET"] == []
