"""What a reactivated user may reach: all that the program declares, in this run or not, and nothing else."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, grant, lines, user
from sampling import sample

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.api.retry import MOST_TRIES
from pulumi_conduit.errors import HTTPStatusError, RefusedError
from pulumi_conduit.resources.fields import UNKNOWN

ADD, REMOVE = f"PUT /users/{ANN}/accounts removal=false", f"PUT /users/{ANN}/accounts removal=true"
STATUS = f"PUT /users/{ANN}/status"
OTHER = "other@sandbox.example"


def actual(sandbox, email=ANN):
    """Return a user's status and accounts."""
    found = sandbox.conductor.user(email)
    return found["status"], found["accounts"]


def named(stack, account):
    """Return an account as warnings name it."""
    return stack.run.sessions.conductor(None).cache.names([account])


def both(access, **properties):
    """Return a program with the user INACTIVE, and the same with it ACTIVE."""
    return ({"ann": user(status=status, **properties), **access} for status in ("INACTIVE", "ACTIVE"))


def repaired(stack, program):
    """Run a program again, and once more to see that it changes nothing."""
    stack.up(program)
    stack.up(program)
    assert {what for what, _ in stack.operations} == {"same"}


ACCESS = {
    "grants": {"two": grant(2), "three": grant(3)},
    "list": {"all": account_list(1, 2, 3)},
}


@pytest.mark.parametrize("keeps", [True, False])
def test_a_list_without_the_initial_account_decides(sandbox, stack, switch, keeps):
    """The initial account, which the list forbids, is neither given nor left, and the plan names what goes."""
    switch(inactive_keeps_grants=keeps)
    stack.up({"ann": user(), "all": account_list(1, 2)}).up({"ann": user(), "all": account_list(2)})
    off, on = both({"all": account_list(2)})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[2, 5])

    stack.preview(on)
    assert [one for one in stack.warnings if "REVOKE" in one] == [
        f"CONDUIT-REVOKE[accounts=5]: user {ANN}: left over, will be removed: {named(stack, 5)}"
    ]
    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [2])
    repaired(stack, on)
    assert actual(sandbox) == ("ACTIVE", [2])


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("access", ACCESS.values(), ids=ACCESS)
def test_a_targeted_reactivation_gives_what_the_target_leaves_out(sandbox, stack, switch, access, keeps):
    """With `up --target <user>` the user has all declared accounts, and the next plain run changes nothing."""
    switch(inactive_keeps_grants=keeps)
    off, on = both(access)
    stack.up(off)

    stack.up(on, target="ann")

    assert actual(sandbox) == ("ACTIVE", [1, 2, 3])
    repaired(stack, on)


@pytest.mark.parametrize("access", ACCESS.values(), ids=ACCESS)
@pytest.mark.parametrize("failing", range(5))
def test_a_failed_request_leaves_nothing_that_a_plain_rerun_does_not_mend(sandbox, stack, switch, access, failing):
    """Whichever write fails, the same program again ends with exactly the declared access."""
    switch(inactive_keeps_grants=False)
    off, on = both(access)
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[5])
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=400, times=None, after=failing)
    sandbox.faults.add("PUT /users/{userEmail}/status", status=400, times=None, after=failing)
    stack.up(on, keep_going=True)
    sandbox.faults.clear()

    repaired(stack, on)

    assert actual(sandbox) == ("ACTIVE", [1, 2, 3])


def test_a_reactivation_by_create_knows_all_grants_too(sandbox, stack):
    """A user that a create finds INACTIVE gets its grants with the reactivation, also those outside the target."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2, 5])

    stack.up({"ann": user(), "two": grant(2), "three": grant(3)}, target="ann")

    assert actual(sandbox) == ("ACTIVE", [1, 2, 3])
    assert lines(sandbox) == [ADD, REMOVE, STATUS]


def test_grants_of_other_users_are_not_compared(sandbox, stack):
    """Only what is declared for this very user is given."""
    off, on = both({"bob": user(BOB), "bobs": grant(4, BOB), "two": grant(2)})
    stack.up(off)

    stack.up(on, target="ann")

    assert actual(sandbox) == ("ACTIVE", [1, 2])


# A grant that is not known.


UNKNOWN_GRANT = {"two": grant(2), "late": grant(UNKNOWN)}


def test_an_unknown_grant_is_said_in_preview(sandbox, stack):
    """What a reactivation takes away cannot be known then, and a report must not count it as nothing."""
    off, on = both(UNKNOWN_GRANT)
    stack.up({**off, "late": grant(3)})

    stack.preview(on)

    assert stack.warnings[1] == (
        f"CONDUIT-UNVERIFIED: user {ANN}: the access declared as 'late' is not known yet, so the accounts that a"
        " reactivation removes were not compared; the user holds accounts 'Retail' (1), 'Travel' (2), 'Finance' (3)"
    )
    assert not [one for one in stack.warnings if "REVOKE" in one]


@pytest.mark.parametrize("policy", ["reactivate_inactive", "adopt"])
def test_beside_an_unknown_grant_what_cannot_be_removed_is_said_to_come_back(sandbox, stack, policy):
    """By the time of `up` the grant may be known, and the user gets the account of another identity, too."""
    off, on = both(UNKNOWN_GRANT, onConflict=policy)
    stack.up({**off, "late": grant(3)})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 99])

    stack.preview(on)

    assert [one for one in stack.warnings if one.startswith("CONDUIT-REACTIVATE[accounts=1,2,99]: ")]


def test_a_user_who_holds_what_an_unknown_grant_may_declare_is_not_reactivated(sandbox, stack):
    """Nothing declared may be taken away; the grant and the accounts are named, and nothing is written."""
    off, on = both(UNKNOWN_GRANT)
    stack.up({**off, "late": grant(3)})
    sandbox.forget_requests()

    with pytest.raises(
        RefusedError,
        match=r"declared as 'late' is not known yet, and the user holds accounts 'Finance' \(3\), which may",
    ):
        stack.up(on, target="ann")

    assert lines(sandbox) == []


def test_beside_an_unknown_grant_a_user_with_known_accounts_only_is_reactivated(sandbox, stack):
    """The grant adds its own later."""
    off, on = both(UNKNOWN_GRANT)
    stack.up({**off, "late": grant(3)})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2])

    stack.up(on, target="ann")
    assert actual(sandbox) == ("ACTIVE", [1, 2])


def test_a_grant_that_is_declared_late_is_given_in_the_same_run(sandbox, stack, switch):
    """A grant that comes after the reactivation is owed, although its own state says that it is there."""
    switch(inactive_keeps_grants=False)
    off, on = both({"two": grant(2), "late": grant(3)})
    stack.up(off)
    stack.declared_late = {"late"}

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2, 3])


def test_beside_an_unknown_list_no_user_is_reactivated(sandbox, stack):
    """Neither the initial accounts nor those that the user holds are known to be declared."""
    off, _ = both({"all": account_list(1)})
    stack.up(off)

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: not reactivated: the access declared as 'all' is not known yet"
    ):
        stack.up({"ann": user(), "all": ("list", {"user": ANN, "accountIds": UNKNOWN})}, target="ann")


def test_beside_an_unknown_list_a_preview_names_no_account(sandbox, stack):
    """The user gets what the list says by the time of `up`."""
    off, _ = both({"all": account_list(1)})
    stack.up(off)

    stack.preview({"ann": user(), "all": ("list", {"user": ANN, "accountIds": UNKNOWN})})

    assert f"CONDUIT-REACTIVATE: user {ANN}: is reactivated with accounts that are not known yet" in stack.warnings


@pytest.mark.parametrize("accounts", [[1], [1, 2]])
def test_a_program_that_cannot_be_read_counts_as_unknown(sandbox, stack, accounts):
    """Who holds more than is known is not reactivated; who holds no more is."""
    off, on = both({})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=accounts)
    stack.begin()
    stack.program = None
    handler = stack.handler("user", "ann")
    inputs = handler.check(stack.held["ann"].inputs, on["ann"][1]).inputs

    def update():
        handler.update(handler.state(stack.outputs("ann")), handler.spec(inputs))

    if accounts == [1]:
        update()
        assert actual(sandbox) == ("ACTIVE", [1])
    else:
        with pytest.raises(RefusedError, match="declared as 'the program, which has not logged what it declares'"):
            update()


# An API that hides the accounts of INACTIVE users.


@pytest.mark.parametrize("access", ACCESS.values(), ids=ACCESS)
def test_hidden_leftovers_are_removed_unseen(sandbox, stack, switch, access):
    """Whatever the API hides while a user is INACTIVE, it has exactly the declared accounts when it is ACTIVE."""
    switch(inactive_accounts_hidden=True)
    off, on = both(access)
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[2, 5])
    sandbox.forget_requests()

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2, 3])
    assert lines(sandbox) == [ADD, REMOVE, STATUS]
    repaired(stack, on)


def test_a_hidden_leftover_whose_removal_had_no_effect_goes_at_once(sandbox, stack, switch):
    """What shows after the activation and is not declared is removed in the same operation."""
    switch(inactive_accounts_hidden=True, inactive_grants_editable="removal_ignored")
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 5])
    sandbox.forget_requests()

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2])
    assert lines(sandbox) == [ADD, REMOVE, STATUS, REMOVE]


@pytest.mark.parametrize("accounts", [[1, 5], [1, 99]], ids=["failing removal", "foreign account"])
def test_a_hidden_leftover_that_cannot_go_sets_the_user_inactive_again(sandbox, stack, switch, accounts):
    """Nobody stays ACTIVE with what is not declared."""
    switch(inactive_accounts_hidden=True, inactive_grants_editable="removal_ignored")
    off, on = both({})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=accounts)
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=400, times=None, after=2)

    with pytest.raises(RefusedError, match=rf"^user {ANN}: set INACTIVE again: "):
        stack.up(on)

    assert actual(sandbox)[0] == "INACTIVE"


@pytest.mark.parametrize("fault", [{"status": 503, "handled": True}, {"drop": "after"}], ids=["503", "no response"])
def test_an_activation_in_doubt_sets_the_user_inactive_again(sandbox, stack, switch, fault):
    """It has taken effect, and nothing has shown yet which accounts the user has."""
    switch(inactive_accounts_hidden=True, inactive_grants_editable="removal_ignored")
    off, on = both({})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 5])
    sandbox.faults.add("PUT /users/{userEmail}/status", times=MOST_TRIES, **fault)

    with pytest.raises(RefusedError, match=rf"^user {ANN}: set INACTIVE again: "):
        stack.up(on)

    assert "INACTIVE" == actual(sandbox)[0]
    repaired(stack, on)
    assert ("ACTIVE", [1]) == actual(sandbox)


def test_a_deadline_that_ends_after_the_activation_sets_the_user_inactive_again(sandbox, stack, switch):
    """That has a time of its own."""
    switch(inactive_accounts_hidden=True, inactive_grants_editable="removal_ignored")
    off, on = both({})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 5])
    stack.environ["CONDUIT_DEADLINE_SECONDS"] = "3"
    late = {"times": None, "delay_s": 4}
    sandbox.faults.add(
        "PUT /users/{userEmail}/status", hook=lambda *_: sandbox.faults.add("GET /users/{userEmail}", **late)
    )

    with operation(3), pytest.raises(RefusedError, match=rf"^user {ANN}: set INACTIVE again: .*deadline"):
        stack.up(on)

    assert "INACTIVE" == actual(sandbox)[0]


def test_hidden_accounts_beside_an_unknown_grant_are_not_touched(sandbox, stack, switch):
    """What the user holds cannot be seen, and may be declared by the grant."""
    off, on = both(UNKNOWN_GRANT)
    stack.up({**off, "late": grant(3)})
    switch(inactive_accounts_hidden=True)

    with pytest.raises(
        RefusedError, match=r"not activated, because it shows no account instead of .* declared as 'late'"
    ):
        stack.up(on, target="ann")

    assert actual(sandbox) == ("INACTIVE", [1, 2, 3])


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("killed_at", sample(range(9), 3))
def test_a_targeted_reactivation_killed_at_any_request_is_mended_by_a_plain_run(
    sandbox, stack, switch, killed_at, drop, hides
):
    """With hidden accounts as well, the same program again ends with exactly the declared access."""
    switch(inactive_accounts_hidden=hides)
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 3])
    sandbox.faults.add(after=killed_at, times=1, drop=drop)
    sandbox.faults.add(after=killed_at, times=None, drop="before")
    stack.up(on, keep_going=True, target="ann")
    sandbox.faults.clear()

    repaired(stack, on)

    assert actual(sandbox) == ("ACTIVE", [1, 2])


# Two identities, and accounts that were lost.


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
def test_accounts_of_another_identity_are_given_by_it(sandbox, stack, switch, keeps, hides):
    """A reactivation writes only what its identity owns; what another one declares is given with that one's login."""
    switch(inactive_keeps_grants=keeps, hide_foreign_accounts=hides)
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 99])
    off, on = both({"two": grant(2), "theirs": grant(99, profile="b")})
    stack.up(on).up(off)

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2, 99])
    repaired(stack, on)


def test_an_identity_that_cannot_see_the_user_does_not_stop_its_reactivation(sandbox, stack, switch):
    """What the other identity declares is left to its own grant, which fails by itself."""
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    off, on = both({"theirs": grant(99, profile="b")})
    stack.up({"ann": off["ann"]})
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises((RefusedError, HTTPStatusError), match=r"99|visible"):
        stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1])


def test_a_profile_without_settings_is_left_to_its_grant(sandbox, stack):
    """A reactivation asks nobody whose credentials are not there."""
    off, on = both({"theirs": grant(99, profile="b")})
    stack.up({"ann": off["ann"]})

    stack.up(on, target="ann")

    assert actual(sandbox) == ("ACTIVE", [1])


@pytest.mark.parametrize(
    ("access", "lost"),
    [({}, 1), ({"all": account_list(1, 2)}, 2), ({"three": grant(3)}, 3)],
    ids=["initial", "list", "grant"],
)
def test_a_lost_account_fails_the_preview_of_a_reactivation(sandbox, stack, switch, access, lost):
    """An account that this identity does not own any more cannot be given: said in the plan, and nothing is written."""
    switch(inactive_keeps_grants=False)
    off, on = both(access)
    stack.up({"ann": user(), **access}).up(off)
    sandbox.conductor.edit_user(ANN, accounts=[4])
    owned = [one for one in range(1, 11) if one != lost]
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=owned)
    sandbox.forget_requests()

    with pytest.raises(
        (RefusedError, PreviewFailedError), match=rf"account {lost} is declared, but this identity does"
    ):
        stack.preview(on)
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    with pytest.raises(RefusedError, match=rf"^user {ANN}: not reactivated: account {lost} is declared, but"):
        stack.up(on)

    assert lines(sandbox) == []


def test_a_lost_account_that_the_user_still_holds_stops_nothing(sandbox, stack):
    """Nothing has to be given."""
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 3])
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[2, 3])

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2])


def test_a_user_that_would_become_invisible_is_not_reactivated(sandbox, stack):
    """Without an account that this identity owns it could neither be verified nor be set ACTIVE."""
    off, on = both({})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, accounts=[1, 2])
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[2, 3])
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match="this identity owns no declared account"):
        stack.preview(on)

    assert lines(sandbox) == []


def test_a_user_that_is_active_already_gets_what_it_lacks(sandbox, stack):
    """A run of ours may have been killed after the activation; what nothing declares is named and left."""
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.conductor.edit_user(ANN, status="ACTIVE", accounts=[1, 5])

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2, 5])
    assert any(f"user {ANN}: it is ACTIVE already, and holds undeclared accounts" in one for one in stack.warnings)


# What may go wrong after the activation of a user whose accounts are hidden.


def test_an_account_that_was_not_added_to_an_inactive_user_is_added_then(sandbox, stack, switch):
    """The answer to an addition proves nothing while accounts are hidden."""
    switch(inactive_accounts_hidden=True)
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.faults.add(
        "PUT /users/{userEmail}/status",
        hook=lambda: sandbox.conductor.edit_user(ANN, accounts=[1]),
    )

    stack.up(on)

    assert actual(sandbox) == ("ACTIVE", [1, 2])


@pytest.mark.parametrize("goes_back", [True, False])
def test_a_user_that_is_invisible_after_its_activation_is_set_inactive_again(sandbox, stack, switch, goes_back):
    """If that fails, too, both reasons are reported."""
    switch(inactive_accounts_hidden=True)
    off, on = both({})
    stack.up(off)
    sandbox.faults.add("GET /users/{userEmail}", status=404, body={"message": "No."}, times=None, after=7)
    if not goes_back:
        sandbox.faults.add("PUT /users/{userEmail}/status", status=400, body={"message": "No."}, times=None, after=1)

    told = "set INACTIVE again: .* not visible" if goes_back else "it may be ACTIVE, its accounts could not be verified"
    with pytest.raises(RefusedError, match=told):
        stack.up(on)

    assert actual(sandbox)[0] == ("INACTIVE" if goes_back else "ACTIVE")


def test_all_accounts_of_an_identity_may_be_declared(sandbox, stack, switch):
    """Then nothing is removed unseen."""
    switch(inactive_accounts_hidden=True)
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2])
    off, on = both({"two": grant(2)})
    stack.up(off)
    sandbox.forget_requests()

    stack.up(on)

    assert lines(sandbox) == [ADD, STATUS]


def test_another_identity_that_owns_it_no_longer_gives_nothing(sandbox, stack, switch):
    """Its grant says so by itself."""
    switch(inactive_keeps_grants=False)
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 99])
    off, on = both({"theirs": grant(99, profile="b")})
    stack.up(on).up(off)
    sandbox.conductor.edit_identity(OTHER, accounts=[1])

    stack.up(on, target="ann")

    assert actual(sandbox) == ("ACTIVE", [1])
