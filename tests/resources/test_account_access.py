"""The life of one grant: additive, never replacing the list."""

import pytest
from declarations import ANN, PreviewFailedError, grant, lines, user

from pulumi_conduit.errors import HTTPStatusError, RefusedError

ADD, REMOVE = f"PUT /users/{ANN}/accounts removal=false", f"PUT /users/{ANN}/accounts removal=true"
WHAT = f"access of user {ANN} to account 2"


@pytest.fixture
def ann(sandbox):
    """Put Ann with account 1, whom the program does not declare."""
    sandbox.conductor.put_user(ANN, accounts=[1])


def test_a_grant_is_added_kept_read_and_removed(sandbox, stack, ann):
    """A grant goes through create, no change, refresh and delete with two writes in all."""
    stack.up({"two": grant(2)})
    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    stack.refresh().up({"two": grant(2)})
    assert stack.operations == [("same", "two")]
    stack.destroy()

    assert lines(sandbox) == [ADD, REMOVE]
    assert sandbox.conductor.user(ANN)["accounts"] == [1]
    assert stack.warnings == []


def test_an_unchanged_grant_sends_no_request(sandbox, stack, ann):
    """A second `up` of the same program sends no request at all."""
    stack.up({"two": grant(2)})
    sandbox.forget_requests()

    stack.up({"two": grant(2)})

    assert sandbox.counts() == {}


def test_a_refresh_without_drift_leaves_the_inputs_that_check_made(stack, ann):
    """What `read` returns as inputs is what `check` returned."""
    stack.up({"two": grant(2)})
    inputs = stack.held["two"].inputs

    assert stack.refresh().held["two"].inputs == inputs


@pytest.mark.parametrize(
    ("edit", "written"),
    [(grant(3), [ADD, REMOVE]), (grant(2, "bob@acme.example"), [ADD.replace("ann", "bob"), REMOVE])],
)
def test_any_change_replaces(sandbox, stack, ann, edit, written):
    """Another account or another user is granted first, then the old grant goes."""
    sandbox.conductor.put_user("bob@acme.example", accounts=[1])
    stack.up({"one": grant(2)})
    sandbox.forget_requests()

    stack.up({"one": edit})

    assert stack.operations == [("replace", "one"), ("delete", "one")]
    assert lines(sandbox) == written


def test_a_grant_that_is_there_is_adopted_with_a_warning_and_without_a_write(sandbox, stack, ann):
    """Nothing is written for an account that the user holds, and the log says so in preview and once in the update."""
    stack.preview({"one": grant(1)})
    previewed = stack.warnings

    stack.up({"one": grant(1)})

    assert lines(sandbox) == []
    assert previewed == stack.warnings
    assert stack.warnings == [f"CONDUIT-ADOPT: access of user {ANN} to account 1 exists and is adopted without a write"]


def test_the_grant_of_a_users_initial_account_is_no_takeover(sandbox, stack):
    """What this run itself gave is not reported as found."""
    stack.up({"ann": user(), "one": grant(1), "two": grant(2)})

    assert stack.warnings == []
    assert lines(sandbox) == ["POST /users", ADD]


def test_a_grant_removed_outside_is_missing_and_added_again(sandbox, stack, ann):
    """Only the user's own list says that a grant is gone; the next `up` repairs it."""
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_user(ANN, accounts=[1])

    assert stack.refresh().held == {}
    stack.up({"two": grant(2)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_late_list_does_not_forget_a_grant(sandbox, stack, ann):
    """A list without the account is not believed before the user's own GET lacks it, too."""
    stack.up({"two": grant(2)})
    old = sandbox.conductor.user(ANN)
    names = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False}
    late = {**names, "type": old["type"], "view": old["view"], "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[late])

    assert list(stack.refresh().held) == ["two"]


def test_the_grants_of_a_missing_user_are_missing(sandbox, stack, ann):
    """A user by whom nothing is held any more takes its grants along."""
    stack.up({"two": grant(2)})
    sandbox.conductor.remove_user(ANN)

    assert stack.refresh().held == {}
    assert stack.warnings == [
        (
            f"{WHAT}: user {ANN} is not found (404, and in no list), so this is removed from state; the user may still"
            " be ACTIVE where this identity cannot see it"
        )
    ]


def test_grants_of_an_inactive_user_are_never_drift(sandbox, stack, ann):
    """What an INACTIVE user shows proves nothing about what it was granted."""
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_user(ANN, status="INACTIVE", accounts=[1])

    assert list(stack.refresh().held) == ["two"]


def test_a_removal_is_sent_although_the_grant_is_not_shown(sandbox, stack, ann):
    """What a GET does not show may be there all the same, and the API ignores a removal of what is not."""
    stack.up({"two": grant(2)})
    held = dict(stack.held)
    stack.destroy()
    stack.held = held
    sandbox.forget_requests()

    stack.destroy()

    assert lines(sandbox) == [REMOVE]


def test_removing_the_last_account_warns_of_it(sandbox, stack, ann):
    """It works, and the log says what follows from it."""
    stack.up({"one": grant(1)})

    stack.destroy()

    assert sandbox.conductor.user(ANN)["accounts"] == []
    assert stack.warnings == [
        (
            f"access of user {ANN} to account 1: it is the user's last account; without one this identity may not"
            " see the user any more, who stays as ACTIVE as before"
        )
    ]


def test_destroying_a_user_with_its_grants_is_one_call(sandbox, stack):
    """Linked grants go with their user, so that nobody is left ACTIVE and invisible."""
    stack.up({"ann": user(), "two": grant(2)})
    sandbox.forget_requests()

    stack.destroy()

    assert lines(sandbox) == [f"PUT /users/{ANN}/status"]


def test_a_grant_of_an_invisible_user_goes_when_the_account_is_owned(sandbox, stack, ann):
    """Who holds an account of this identity is visible to it; so GET, list and removal together say "not found"."""
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_user(ANN, accounts=[99])

    stack.destroy()

    assert stack.held == {}
    assert lines(sandbox)[1:] == [REMOVE]
    assert stack.warnings == [
        f"{WHAT}: user {ANN} is not found (404, and in no list), so this is removed from state only"
    ]


def test_a_grant_of_an_invisible_user_stays_when_the_account_is_not_owned(sandbox, stack, ann):
    """An identity that has lost the account cannot know, so the delete fails."""
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_user(ANN, accounts=[2])
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])

    with pytest.raises(RefusedError, match=rf"^{WHAT}: not removed, because this identity does not own accounts 2 and"):
        stack.destroy()

    assert list(stack.held) == ["two"]


def test_a_hidden_account_that_is_not_owned_is_no_absence(sandbox, stack, ann, switch):
    """Where foreign accounts are hidden, not to see one says nothing, and the delete fails."""
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])
    switch(hide_foreign_accounts=True)

    with pytest.raises(RefusedError, match=rf"^{WHAT}: not removed, because this identity does not own accounts 2 and"):
        stack.destroy()


def test_a_create_for_a_user_that_is_not_there_fails(stack):
    """A grant needs its user; preview says so, and so does an update whose preview could not look."""
    with pytest.raises(
        PreviewFailedError,
        match=rf"^user: {ANN} is not found in Conductor and not declared before this; declare the user",
    ):
        stack.preview({"two": grant(2)})
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises(
        RefusedError, match=rf"^{WHAT}: user {ANN} is not visible to this identity \(404\): it may share"
    ):
        stack.up({"two": grant(2)})


def test_a_user_that_the_list_lacks_may_be_granted_something(sandbox, stack, ann, switch):
    """The user's own GET is asked before it is called missing."""
    switch(list_limit=1)

    assert stack.preview({"one": grant(1)}) == [("create", "one")]
    assert sandbox.count("GET /users/{userEmail}") == 1


def test_an_account_that_this_identity_does_not_own_is_refused_in_preview(sandbox, stack, ann):
    """The API would refuse it later."""
    with pytest.raises(
        PreviewFailedError,
        match=r"^account_id: account 99 is not one that this identity owns; it owns 'Retail' \(1\), ",
    ):
        stack.preview({"foreign": grant(99)})


def test_a_grant_that_does_not_show_is_an_error(sandbox, stack, ann):
    """An answer without the account is not believed."""
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=200, body={"accounts": [1]})

    with pytest.raises(
        RefusedError, match=rf"^{WHAT}: the API accepted the grant but does not show it; run again, later$"
    ):
        stack.up({"two": grant(2)})


def test_a_grant_that_an_inactive_user_does_not_show_is_made_later(sandbox, stack, ann):
    """An INACTIVE user has no access anyhow, so this is said and is no error."""
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=200, body={"accounts": [1]})

    stack.up({"two": grant(2)})

    assert stack.warnings == [
        f"{WHAT}: the user is INACTIVE and does not show the grant; it is added when the user is reactivated"
    ]


def test_a_removal_that_does_not_show_is_an_error(sandbox, stack, ann):
    """An answer that still has the account is not believed, and the state stays."""
    stack.up({"two": grant(2)})
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=200, body={"accounts": [1, 2]})

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: the API accepted the removal but still shows 'Travel' \(2\);"
    ):
        stack.destroy()

    assert list(stack.held) == ["two"]


def test_a_grant_of_an_admin_is_refused_by_the_api(sandbox, stack):
    """Where no preview looks, a refusal of the API arrives as one line with its status."""
    sandbox.conductor.put_user(ANN, type="ADMIN", accounts=[1])
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises(HTTPStatusError, match=r"403 'ADMIN users cannot be managed with this API\.'"):
        stack.up({"two": grant(2)})


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("killed_at", range(5))
def test_a_run_killed_at_any_call_is_repaired_by_the_next(sandbox, stack, ann, killed_at, drop):
    """Whatever call the last one was, the same program again ends with the grant made, and never twice."""
    sandbox.faults.add(after=killed_at, times=1, drop=drop)
    sandbox.faults.add(after=killed_at, times=None, drop="before")
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"two": grant(2)}, keep_going=True)
    sandbox.faults.clear()
    stack.up({"two": grant(2)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_grants_are_added_under_the_actual_spelling(sandbox, stack, switch):
    """Where the API is case-sensitive, the user's own spelling is used to add and to remove."""
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user("Ann@acme.example", accounts=[1])

    stack.up({"two": grant(2)})
    assert sandbox.conductor.user("Ann@acme.example")["accounts"] == [1, 2]
    stack.destroy()

    assert sandbox.conductor.user("Ann@acme.example")["accounts"] == [1]
