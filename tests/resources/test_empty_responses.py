"""A write that succeeds without a usable answer is settled by what a look shows, for how writes answer is inferred."""

import pytest
from declarations import ANN, account_list, company, grant, user

from pulumi_conduit.errors import OutcomeUnknownError

STATUS, TYPE, ACCOUNTS = (f"PUT /users/{{userEmail}}/{what}" for what in ("status", "type", "accounts"))
EMPTY = {"garbage": "empty", "times": None}
EDITS = {
    STATUS: {"ann": user(status="INACTIVE")},
    TYPE: {"ann": user(type="STANDARD")},
    ACCOUNTS: {"ann": user(), "two": grant(2)},
}


@pytest.mark.parametrize("lag", [0, 2])
@pytest.mark.parametrize("carries_status", [True, False])
@pytest.mark.parametrize("route", EDITS)
def test_an_empty_success_is_believed_once_it_shows(sandbox, stack, switch, route, carries_status, lag):
    """Also where reads are late, and where only the list has the status."""
    stack.up({"ann": user()})
    switch(read_lag=lag, get_user_carries_status=carries_status)
    fault = sandbox.faults.add(route, **EMPTY)

    stack.up(EDITS[route])

    assert fault.struck == 1
    assert stack.preview(EDITS[route]) == [("same", name) for name in EDITS[route]]


@pytest.mark.parametrize("route", EDITS)
def test_an_empty_success_without_an_effect_is_an_error_in_one_line(sandbox, stack, route):
    """What no look shows has not happened as far as anybody knows."""
    stack.up({"ann": user()})
    sandbox.faults.add(route, status=204, times=None)

    with pytest.raises(
        OutcomeUnknownError, match=rf"^user {ANN}: the response from .* is empty; .* does not show the effect"
    ):
        stack.up(EDITS[route])


def test_a_user_that_is_not_there_after_an_empty_success_is_an_error(sandbox, stack):
    """A 404 shows no effect."""
    stack.up({"ann": user()})
    sandbox.faults.add(STATUS, **EMPTY)
    sandbox.faults.add("GET /users/{userEmail}", status=404, times=None)

    with pytest.raises(OutcomeUnknownError, match=r"a GET does not show the effect: run again$"):
        stack.destroy()


def test_removals_are_settled_by_a_look(sandbox, stack):
    """An exclusive list adds and removes, and both show."""
    sandbox.conductor.put_user(ANN, accounts=[1, 4])
    fault = sandbox.faults.add(ACCOUNTS, **EMPTY)

    stack.up({"all": account_list(1, 2)})

    assert fault.struck == 2
    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_person_is_reactivated_over_empty_successes(sandbox, stack):
    """Grants, type and status are all settled by looks."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[3])
    for route in EDITS:
        sandbox.faults.add(route, **EMPTY)

    stack.up({"ann": user(type="STANDARD")})

    ann = sandbox.conductor.user(ANN)
    assert (ann["status"], ann["type"], ann["accounts"]) == ("ACTIVE", "STANDARD", [1])


def test_the_edit_of_a_company_is_settled_by_a_look(sandbox, stack):
    """As it has always been for a lost answer."""
    stack.up({"acme": company()})
    fault = sandbox.faults.add("POST /link/company/{id}/", **EMPTY)

    stack.up({"acme": company(name="New")})

    assert (fault.struck, sandbox.link.company("ACME")["name"]) == (1, "New")
