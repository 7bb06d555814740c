"""The life of a user's whole list: authoritative, by differences from a fresh read."""

import pytest
from declarations import ANN, BOB, OWNED, PreviewFailedError, account_list, grant, lines, user

from pulumi_conduit.errors import RefusedError

ADD, REMOVE = f"PUT /users/{ANN}/accounts removal=false", f"PUT /users/{ANN}/accounts removal=true"
WHAT = f"account list of user {ANN}"


@pytest.fixture
def ann(sandbox):
    """Put Ann with accounts 1 and 4, whom the program does not declare."""
    sandbox.conductor.put_user(ANN, accounts=[1, 4])


def accounts(sandbox):
    """Return what Ann holds."""
    return sandbox.conductor.user(ANN)["accounts"]


def test_a_list_is_made_kept_read_and_removed(sandbox, stack, ann):
    """A list goes through create, no change, refresh and delete with one add and two removals."""
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2, 4])
    stack.up({"all": account_list(1, 2)})
    assert accounts(sandbox) == [1, 2]
    stack.refresh().up({"all": account_list(1, 2)})
    assert stack.operations == [("same", "all")]
    sandbox.conductor.add_grant(ANN, 4)
    stack.destroy()

    assert lines(sandbox) == [ADD, REMOVE, REMOVE]
    assert accounts(sandbox) == [4]


def test_adding_comes_before_removing(sandbox, stack, ann):
    """A user that shares no account may turn 404, so a whole exchange adds first, in one call each."""
    stack.up({"all": account_list(2, 3)})

    assert lines(sandbox) == [ADD, REMOVE]
    assert accounts(sandbox) == [2, 3]


def test_an_unchanged_list_sends_no_request(sandbox, stack, ann):
    """A second `up` of the same program sends no request at all."""
    stack.up({"all": account_list(1, 2)})
    sandbox.forget_requests()

    stack.up({"all": account_list(2, 1, 2)})

    assert stack.operations == [("same", "all")]
    assert sandbox.counts() == {}


def test_a_refresh_without_drift_leaves_the_inputs_that_check_made(stack, ann):
    """What `read` returns as inputs is what `check` returned."""
    stack.up({"all": account_list(2, 1)})
    inputs = stack.held["all"].inputs

    assert stack.refresh().held["all"].inputs == inputs


def test_the_preview_names_what_will_be_removed(sandbox, stack, ann):
    """Who loses what is listed by name, at the first create and at an update."""
    stack.preview({"all": account_list(1, 2)})
    assert stack.warnings == [
        f"CONDUIT-REVOKE[accounts=4]: {WHAT}: will be removed: 'Health' (4)",
        f"CONDUIT-ADOPT[accounts=1,4]: {WHAT} exists with accounts 'Retail' (1), 'Health' (4) and is adopted",
    ]
    stack.up({"all": account_list(1, 2)})

    stack.preview({"all": account_list(2)})

    assert stack.operations == [("update", "all")]
    assert stack.warnings == [f"CONDUIT-REVOKE[accounts=1]: {WHAT}: will be removed: 'Retail' (1)"]


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_what_a_changed_list_gives_again_is_said(sandbox, stack, ann, status):
    """The state holds what somebody took away, so that only the preview can know; hidden is not gone."""
    stack.up({"all": account_list(1, 2, 4)})
    sandbox.conductor.edit_user(ANN, accounts=[4], status=status)

    stack.preview({"all": account_list(1, 4, 5)})

    given = f"CONDUIT-GIVES[accounts=1]: {WHAT}: were removed outside of Pulumi, will be added again: 'Retail' (1)"
    assert stack.warnings == ([given] if status == "ACTIVE" else [])


def test_an_update_writes_the_differences_from_the_actual_list(sandbox, stack, ann):
    """What somebody added meanwhile goes, too, and what is there is not added again."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 3, 5])
    sandbox.forget_requests()

    stack.up({"all": account_list(1, 3)})

    assert lines(sandbox) == [REMOVE]
    assert accounts(sandbox) == [1, 3]


def test_another_user_replaces(sandbox, stack, ann):
    """The new user's list is written first, then the old one's listed accounts go."""
    sandbox.conductor.put_user(BOB, accounts=[1])
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.add_grant(ANN, 4)

    stack.up({"all": account_list(1, 2, email=BOB)})

    assert stack.operations == [("replace", "all"), ("delete", "all")]
    assert [1, 2] == sandbox.conductor.user(BOB)["accounts"]
    assert [4] == accounts(sandbox)


@pytest.mark.parametrize("drift", [[1, 2, 3], [1]])
def test_drift_either_way_is_repaired(sandbox, stack, ann, drift):
    """An extra account and a missing one show at refresh and are put right."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_user(ANN, accounts=drift)

    stack.refresh()
    assert stack.held["all"].inputs["accountIds"] == drift
    stack.up({"all": account_list(1, 2)})

    assert accounts(sandbox) == [1, 2]


def test_foreign_accounts_are_left_alone_with_a_warning(sandbox, stack, ann):
    """An account that this identity does not own is neither drift nor removed, and is warned of."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 99])

    stack.up({"all": account_list(1)})
    warning = f"{WHAT}: left unchanged, because this identity does not own them: 99"
    assert warning in stack.warnings
    stack.refresh()

    assert stack.warnings == [warning]
    assert stack.held["all"].inputs["accountIds"] == [1]
    assert accounts(sandbox) == [1, 99]


@pytest.mark.parametrize("lost", ["ownership", "identity", "profile"])
def test_an_account_that_this_identity_cannot_remove_is_not_given_up(sandbox, stack, ann, lost):
    """The user would keep it, and the state forget it."""
    stack.up({"all": account_list(1, 2, 4)})
    sandbox.conductor.add_identity("c@sandbox.example", "password", (1, 2))
    profile = "c" if lost == "profile" else None
    if lost == "ownership":
        sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2])
    else:
        stack.environ |= sandbox.environ(identity="c@sandbox.example", profile=profile)
    given_up = {"all": account_list(1, 2, profile=profile)}
    why = "4 left the list, but this identity does not own them and cannot remove them, so nothing is changed"
    sandbox.forget_requests()

    with pytest.raises(PreviewFailedError, match=why):
        stack.preview(given_up)
    with pytest.raises(PreviewFailedError, match=why):
        stack.up(given_up)

    assert lines(sandbox) == []
    assert stack.outputs("all")["accountIds"] == [1, 2, 4]


def test_an_update_without_a_comparison_does_not_give_up_an_account_either(sandbox, stack, ann):
    """A preview is offline where its settings say so."""
    stack.up({"all": account_list(1, 2, 4)})
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2])
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match="4 left the list, but this identity does not own them"):
        stack.up({"all": account_list(1, 2)})

    assert lines(sandbox) == []


def test_a_user_removed_outside_takes_its_list_along(sandbox, stack, ann):
    """A list whose user is gone by the user's own rule leaves the state."""
    stack.up({"all": account_list(1)})
    sandbox.conductor.remove_user(ANN)

    assert stack.refresh().held == {}


def test_the_list_of_an_inactive_user_is_never_drift(sandbox, stack, ann):
    """What an INACTIVE user shows proves nothing."""
    stack.up({"all": account_list(1)})
    sandbox.conductor.edit_user(ANN, status="INACTIVE", accounts=[2])

    assert stack.refresh().held["all"].inputs["accountIds"] == [1]


def test_a_late_list_shows_no_drift(sandbox, stack, ann):
    """A missing account is looked for in the user's own GET."""
    stack.up({"all": account_list(1, 2)})
    user_ = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    late = {**user_, "view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[late])

    assert stack.refresh().held["all"].inputs["accountIds"] == [1, 2]


def test_a_user_that_stays_keeps_its_initial_accounts_rather_than_nothing(sandbox, stack):
    """Removing the list alone leaves the user visible and manageable."""
    stack.up({"ann": user(accounts=[1]), "all": account_list(1, 2)})

    stack.up({"ann": user(accounts=[1])})

    assert accounts(sandbox) == [1]


def test_a_retained_user_keeps_its_initial_accounts_in_a_destroy(sandbox, stack):
    """In a destroy nothing is checked, so what the state remembers of the user's initial accounts counts."""
    stack.up({"ann": user(accounts=[1], onDestroy="retain"), "all": account_list(1, 2)})

    stack.destroy()

    assert accounts(sandbox) == [1]


def test_a_removal_is_sent_although_the_accounts_are_not_shown(sandbox, stack, ann):
    """What a GET does not show may be there all the same, and the API ignores a removal of what is not."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 99])
    stack.up({"all": account_list(2)})
    held = dict(stack.held)
    sandbox.conductor.edit_user(ANN, accounts=[1])
    sandbox.forget_requests()
    stack.held = held

    stack.destroy()

    assert lines(sandbox) == [REMOVE]
    assert accounts(sandbox) == [1]


def test_a_delete_never_touches_accounts_that_are_not_owned(sandbox, stack, ann):
    """An identity that has lost an account cannot take it away, so the delete fails before it writes."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match=rf"^{WHAT}: not removed, because this identity does not own accounts 2 and"):
        stack.destroy()

    assert lines(sandbox) == []


def test_a_list_of_an_invisible_user_goes_when_all_its_accounts_are_owned(sandbox, stack, ann):
    """Who holds an account of this identity is visible to it; so a killed removal that had its effect is recorded."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_user(ANN, accounts=[99])
    sandbox.forget_requests()

    stack.destroy()

    assert [
        f"{WHAT}: the user is not found (404, and in no list), so this is removed from state only"
    ] == stack.warnings
    assert ({}, [REMOVE]) == (stack.held, lines(sandbox))


def test_a_list_of_an_invisible_user_stays_when_one_account_is_not_owned(sandbox, stack, ann):
    """An identity that has lost an account cannot know, so the delete fails."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.edit_user(ANN, accounts=[2])
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])

    with pytest.raises(RefusedError, match=rf"^{WHAT}: not removed, because this identity does not own accounts 2 and"):
        stack.destroy()

    assert ["all"] == list(stack.held)


def test_a_new_list_needs_owned_accounts_and_a_user(stack):
    """All that the API would refuse is said in preview, at once."""
    with pytest.raises(PreviewFailedError, match="user") as caught:
        stack.preview({"all": account_list(1, 98, 99)})

    assert str(caught.value).splitlines() == [
        f"account_ids: account 98 is not one that this identity owns; {OWNED}",
        f"account_ids: account 99 is not one that this identity owns; {OWNED}",
        f"user: {ANN} is not found in Conductor and not declared before this",
    ]


def test_a_user_that_the_list_lacks_is_looked_for(sandbox, stack, ann, switch):
    """The user's own GET is asked before it is called missing."""
    switch(list_limit=4)
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2, 3, 4])
    for number in range(4):
        sandbox.conductor.put_user(f"a{number}@acme.example")
    sandbox.conductor.remove_user(ANN)
    sandbox.conductor.put_user(ANN)

    assert stack.preview({"all": account_list(1)}) == [("create", "all")]
    assert sandbox.count("GET /users/{userEmail}") == 1


@pytest.mark.parametrize("first", ["user", "list"])
def test_an_initial_account_outside_the_list_is_refused(stack, first):
    """A new user's initial account that its list would remove again is a contradiction, whichever comes first."""
    ann, everything = ("ann", user(accounts=[1, 2])), ("all", account_list(1))
    program = dict([ann, everything] if first == "user" else [everything, ann])
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises(PreviewFailedError, match=r"2 is (an initial account of user|not in the account_ids of)"):
        stack.preview(program)


@pytest.mark.parametrize("kinds", [["one", "all"], ["all", "one"]])
def test_both_kinds_for_one_user_are_refused(stack, ann, kinds):
    """One user's accounts are managed one way, whichever is declared first."""
    both = {"one": grant(1), "all": account_list(1)}

    with pytest.raises(
        Exception, match=r"this program also declares (single grants|an exclusive list) for the user; use"
    ):
        stack.preview({name: both[name] for name in kinds})


def test_a_grant_that_does_not_show_is_an_error(sandbox, stack, ann):
    """An answer without the added account is not believed, and nothing is removed."""
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=200, body={"accounts": [1, 4]})

    with pytest.raises(
        RefusedError, match=rf"^{WHAT}: the API accepted the grant of 'Travel' \(2\) but does not show it$"
    ):
        stack.up({"all": account_list(2)})

    assert lines(sandbox) == [ADD]


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("killed_at", range(6))
def test_a_run_killed_at_any_call_is_repaired_by_the_next(sandbox, stack, ann, killed_at, drop):
    """Whatever call the last one was, the same program again ends with the declared list."""
    sandbox.faults.add(after=killed_at, times=1, drop=drop)
    sandbox.faults.add(after=killed_at, times=None, drop="before")
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"all": account_list(2, 3)}, keep_going=True)
    sandbox.faults.clear()
    stack.up({"all": account_list(2, 3)})

    assert accounts(sandbox) == [2, 3]
