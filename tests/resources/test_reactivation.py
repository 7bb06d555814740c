"""Deactivated and reactivated: no access returns that is not declared."""

import threading

import pytest
from declarations import ANN, account_list, grant, lines, user
from sampling import sample

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources.fields import UNKNOWN
from pulumi_conduit.warnings import REACTIVATE, parse_warning

ADD, REMOVE = f"PUT /users/{ANN}/accounts removal=false", f"PUT /users/{ANN}/accounts removal=true"
STATUS, TYPE = f"PUT /users/{ANN}/status", f"PUT /users/{ANN}/type"


def live(sandbox):
    """Return Ann's status and accounts."""
    ann = sandbox.conductor.user(ANN)
    return ann["status"], ann["accounts"]


def test_a_deactivation_outside_stays_with_a_warning(sandbox, stack):
    """Somebody pulled the switch for a reason: a warning at refresh and in each plan, and no change."""
    program = {"ann": user(), "two": grant(2)}
    stack.up(program)
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    sandbox.forget_requests()

    stack.refresh().up(program)

    assert [what for what, _ in stack.operations] == ["same", "same"]
    assert stack.warnings == [
        (
            f"user {ANN}: it was deactivated outside of Pulumi and stays INACTIVE; to reactivate it, declare INACTIVE,"
            " run `up`, then declare ACTIVE, run `up`"
        )
    ]
    assert lines(sandbox) == []


def test_a_user_deactivated_outside_is_edited_and_stays_so(sandbox, stack):
    """The type follows its declaration, the status stays."""
    stack.up({"ann": user()})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    stack.refresh()
    sandbox.forget_requests()

    stack.up({"ann": user(type="STANDARD")})
    stack.refresh().up({"ann": user(type="STANDARD")})

    assert stack.operations == [("same", "ann")]
    assert lines(sandbox) == [TYPE]


def test_declaring_inactive_then_active_reactivates(sandbox, stack):
    """The way that the warning names works, and the first half of it needs no request."""
    stack.up({"ann": user()})
    sandbox.conductor.edit_user(ANN, status="INACTIVE", accounts=[1, 3])
    stack.refresh()
    sandbox.forget_requests()

    stack.up({"ann": user(status="INACTIVE")})
    assert stack.operations == [("update", "ann")]
    assert lines(sandbox) == []
    stack.up({"ann": user()})

    assert live(sandbox) == ("ACTIVE", [1])
    assert lines(sandbox) == [REMOVE, STATUS]


def test_a_return_is_said_in_preview(stack):
    """Nobody comes back unannounced."""
    stack.up({"ann": user(status="INACTIVE")})

    stack.preview({"ann": user()})

    assert stack.warnings == [
        f"CONDUIT-REACTIVATE: user {ANN} is INACTIVE and is reactivated with its declared accounts",
        f"CONDUIT-REACTIVATE[accounts=1]: user {ANN}: is reactivated with accounts 'Retail' (1)",
    ]


@pytest.mark.parametrize("status", ["INACTIVE", "ACTIVE"], ids=["still off", "back by hand"])
@pytest.mark.parametrize(("declared", "drifted"), [("STANDARD", "READ_ONLY"), ("READ_ONLY", "STANDARD")])
def test_a_type_that_a_return_repairs_is_said_as_a_fact(sandbox, stack, status, declared, drifted):
    """The state knows nothing of the drift, and the update sets the type: a limit must be able to count it."""
    stack.up({"ann": user(type=declared, status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, type=drifted, status=status)

    stack.preview({"ann": user(type=declared)})
    said = [fact.type for fact in map(parse_warning, stack.warnings) if fact and fact.code == REACTIVATE]
    stack.up({"ann": user(type=declared)})

    assert declared in said
    assert declared == sandbox.conductor.user(ANN)["type"]


def test_a_return_without_drift_says_no_type(stack):
    """What is as declared is not set."""
    stack.up({"ann": user(type="STANDARD", status="INACTIVE")})

    stack.preview({"ann": user(type="STANDARD")})

    assert {None} == {fact.type for fact in map(parse_warning, stack.warnings) if fact}


def test_old_grants_do_not_come_back_with_an_update(sandbox, stack):
    """What was granted outside while the user was INACTIVE goes before the status is set."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, accounts=[2, 3])
    sandbox.forget_requests()

    stack.up({"ann": user(type="STANDARD")})

    assert lines(sandbox) == [ADD, REMOVE, TYPE, STATUS]
    assert live(sandbox) == ("ACTIVE", [1])


@pytest.mark.parametrize("access", [{"two": grant(2), "three": grant(3)}, {"all": account_list(1, 2, 3)}])
@pytest.mark.parametrize("keeps", [True, False])
def test_declared_grants_are_owed_again_after_a_return(sandbox, stack, switch, access, keeps):
    """Whatever the API does to an INACTIVE user's grants, the declared ones are there in the end, and no others."""
    switch(inactive_keeps_grants=keeps)
    stack.up({"ann": user(), **access})
    stack.up({"ann": user(status="INACTIVE"), **access})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 5])

    stack.up({"ann": user(), **access})
    assert live(sandbox) == ("ACTIVE", [1, 2, 3])
    stack.up({"ann": user(), **access})

    assert {what for what, _ in stack.operations} == {"same"}


@pytest.mark.parametrize("access", [{"two": grant(2)}, {"all": account_list(1, 2)}])
def test_a_reactivation_gives_all_declared_access_itself(sandbox, stack, access):
    """The plan has nothing to do for the grants, and they cost no request of their own."""
    off, on = ({"ann": user(status=status), **access} for status in ("INACTIVE", "ACTIVE"))
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1])

    assert stack.preview(on) == [("update", "ann"), ("same", next(iter(access)))]
    sandbox.forget_requests()
    stack.up(on)

    assert live(sandbox) == ("ACTIVE", [1, 2])
    assert lines(sandbox) == [ADD, STATUS]


def test_grants_that_are_checked_before_the_return_are_not_taken_away(sandbox, stack):
    """Where the program declares a grant before its user, it need not go and come again."""
    stack.up({"ann": user(), "two": grant(2)}).up({"ann": user(status="INACTIVE"), "two": grant(2)})
    sandbox.forget_requests()

    stack.up({"two": grant(2), "ann": user()})

    assert live(sandbox) == ("ACTIVE", [1, 2])
    assert lines(sandbox) == [STATUS]


@pytest.mark.parametrize("access", [{"two": grant(2)}, {"all": account_list(1, 2)}])
def test_grants_are_owed_again_after_a_return_by_create(sandbox, stack, access):
    """A user that a create reactivates has its initial accounts, and the declared grants follow."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2, 3])

    stack.up({"ann": user(), **access})

    assert live(sandbox) == ("ACTIVE", [1, 2])


def test_a_user_that_another_caller_has_reactivated_is_not_reset(sandbox, stack):
    """Who is ACTIVE by now keeps its grants; only the type is written."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, status="ACTIVE", accounts=[1, 2])
    sandbox.forget_requests()

    stack.up({"ann": user(type="STANDARD")})

    assert lines(sandbox) == [TYPE]
    assert live(sandbox) == ("ACTIVE", [1, 2])


def test_a_user_that_became_an_admin_is_not_touched(sandbox, stack):
    """An ADMIN cannot be managed, so bringing it back is refused."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, type="ADMIN")
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match=rf"^user {ANN}: it is an ADMIN now, which this API cannot manage$"):
        stack.up({"ann": user()})

    assert lines(sandbox) == []


def test_a_user_that_is_not_visible_is_not_reactivated(sandbox, stack):
    """A 404 stops the return before anything is written."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, accounts=[99])
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match=rf"^user {ANN}: not visible to this identity \(404\)"):
        stack.up({"ann": user()})

    assert lines(sandbox) == []


def test_a_return_that_shows_no_account_at_all_is_refused(sandbox, stack):
    """What the user shows is named, also when it is nothing."""
    stack.up({"ann": user(status="INACTIVE")})
    shown = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    empty = {**shown, "view": "COMPLETE", "status": "INACTIVE", "accounts": []}
    sandbox.faults.add("GET /users/{userEmail}", status=200, body=empty, times=None, after=1)

    with pytest.raises(
        RefusedError,
        match=rf"^user {ANN}: set INACTIVE again: it shows no account instead of accounts 'Retail' \(1\); have its",
    ):
        stack.up({"ann": user()})

    assert live(sandbox)[0] == "INACTIVE"


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("killed_at", sample(range(10), 3))
def test_a_return_killed_at_any_call_is_repaired_by_the_next_run(sandbox, stack, killed_at, drop):
    """Whatever call the last one was, the same program again ends with exactly the declared access."""
    off, on = ({"ann": user(status=status), "two": grant(2)} for status in ("INACTIVE", "ACTIVE"))
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 3])
    sandbox.faults.add(after=killed_at, times=1, drop=drop)
    sandbox.faults.add(after=killed_at, times=None, drop="before")

    stack.up(on, keep_going=True)
    sandbox.faults.clear()
    stack.refresh().up(on)

    assert live(sandbox) == ("ACTIVE", [1, 2])


@pytest.mark.parametrize("other", [grant(2), account_list(1, 2)], ids=["grant", "list"])
def test_a_grant_that_comes_during_a_reactivation_is_not_lost(sandbox, stack, other):
    """Access that does not wait for its user has its turn before or after the return, never within it."""
    stack.up({"ann": user()})
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2])
    stack.begin()
    grants = []

    def come_between():
        handler = stack.handler(other[0], "other")
        spec = handler.spec(handler.check({}, other[1]).inputs)
        grants.append(threading.Thread(target=handler.create, args=(spec,)))
        grants[0].start()
        grants[0].join(timeout=0.5)  # with a turn of its own it cannot have ended yet

    sandbox.faults.add("PUT /users/{userEmail}/accounts", hook=come_between)
    users = stack.handler("user", "ann")
    inputs = users.check(stack.held["ann"].inputs, user()[1]).inputs
    users.update(users.state(stack.outputs("ann")), users.spec(inputs))
    grants[0].join()

    assert live(sandbox) == ("ACTIVE", [1, 2])


@pytest.mark.parametrize("name", ["initialAccounts", "type", "sendEmail", "onConflict"])
def test_a_return_with_a_value_that_is_unknown_yet_is_not_judged(stack, name):
    """Nobody is announced as coming back with accounts that nobody knows; the change itself is planned."""
    stack.up({"ann": user(status="INACTIVE")})
    stack.begin()
    handler = stack.handler("user", "ann")
    checked = handler.check(stack.held["ann"].inputs, {**user()[1], name: UNKNOWN})

    found = handler.diff(handler.state(stack.outputs("ann")), checked.inputs)

    assert {"status", name} == set(found.changed)
    assert [] == [warning for warning in stack.warnings if warning.startswith("CONDUIT-REACTIVATE")]


def test_a_return_whose_values_are_known_is_announced(stack):
    """So that the test above can fail."""
    stack.up({"ann": user(status="INACTIVE")})

    stack.preview({"ann": user()})

    assert [
        f"CONDUIT-REACTIVATE: user {ANN} is INACTIVE and is reactivated with its declared accounts",
        f"CONDUIT-REACTIVATE[accounts=1]: user {ANN}: is reactivated with accounts 'Retail' (1)",
    ] == stack.warnings


def test_an_invisible_user_is_not_deactivated_and_the_ways_out_are_named(sandbox, stack):
    """A 404 to a deactivation is reported whole: what failed, what may be, and both ways out."""
    stack.up({"ann": user()})
    sandbox.faults.add("PUT /users/{userEmail}/status", status=404, times=None)

    with pytest.raises(ConduitError) as caught:
        stack.destroy()

    assert (
        f"user {ANN}: not deactivated, because this identity does not see it (404); it may still be ACTIVE. Have an"
        " Admin check it; if it does not exist any more, run `pulumi up --refresh`, else set on_destroy='retain', or"
        " `pulumi state delete` it"
    ) == str(caught.value)
