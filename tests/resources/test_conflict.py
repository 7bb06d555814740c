"""A create that meets a user: the seven cases of the contract, with what is written and in which order."""

import pytest
from declarations import ANN, PreviewFailedError, lines, user
from sampling import sample

from pulumi_conduit.errors import OutcomeUnknownError, RefusedError

STATUS, TYPE = f"PUT /users/{ANN}/status", f"PUT /users/{ANN}/type"
ADD, REMOVE = f"PUT /users/{ANN}/accounts removal=false", f"PUT /users/{ANN}/accounts removal=true"


def refusal(stack, program):
    """Return the text with which both preview and update refuse a program."""
    with pytest.raises(PreviewFailedError, match="user") as previewed:
        stack.preview(program)
    with pytest.raises(PreviewFailedError, match="user") as caught:
        stack.up(program)
    assert str(previewed.value) == str(caught.value)
    return str(caught.value)


# Case 1: it equals what is declared.


@pytest.mark.parametrize("policy", ["error", "reactivate_inactive", "adopt"])
@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_an_equal_user_is_adopted_without_a_write(sandbox, stack, policy, status):
    """A user that is as declared, whatever its grants, is adopted with a warning under every policy."""
    sandbox.conductor.put_user(ANN, status=status, accounts=[1, 2, 99])

    stack.up({"ann": user(status=status, onConflict=policy)})

    assert lines(sandbox) == []
    assert stack.warnings == [f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"]
    assert stack.outputs("ann")["status"] == status


def test_the_takeover_is_said_in_preview_too(sandbox, stack):
    """Nothing is adopted that the preview did not announce."""
    sandbox.conductor.put_user(ANN)

    assert stack.preview({"ann": user()}) == [("create", "ann")]
    assert stack.warnings == [f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"]


def test_a_user_that_only_the_409_reveals_is_adopted_too(sandbox, stack, switch):
    """A list that ends early costs one POST, and the 409 then leads to a look."""
    sandbox.conductor.put_user(ANN)
    switch(list_limit=0)
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"ann": user()})

    assert lines(sandbox) == ["POST /users"]
    assert stack.warnings[-1] == f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"


# Case 2: an ADMIN.


@pytest.mark.parametrize("policy", ["error", "reactivate_inactive", "adopt"])
def test_an_admin_is_never_adopted(sandbox, stack, policy):
    """An ADMIN is an error whatever the policy."""
    sandbox.conductor.put_user(ANN, type="ADMIN")

    assert refusal(stack, {"ann": user(onConflict=policy)}) == (
        f"user {ANN}: it exists as an ADMIN, which this API cannot manage; remove it from the program"
    )
    assert lines(sandbox) == []


# Case 3: a field without endpoint differs.


@pytest.mark.parametrize("policy", ["error", "reactivate_inactive", "adopt"])
def test_what_no_endpoint_changes_is_listed_with_its_actual_values(sandbox, stack, policy):
    """Each actual value is named, so that the declaration can be written down to fit."""
    sandbox.conductor.put_user(ANN, first_name="A\u202enn", last_name="L", view="RESEARCH", sso_access=True)

    assert refusal(stack, {"ann": user(onConflict=policy)}) == (
        f"user {ANN}: exists, and first_name is 'A\\u202enn' in Conductor but 'First' in the program; last_name is 'L'"
        " in Conductor but 'Last' in the program; view is 'RESEARCH' in Conductor but 'COMPLETE' in the program;"
        " sso_access is true in Conductor but false in the program; the API cannot change that: set each to the value"
        " in Conductor, with on_conflict='adopt' or import_"
    )
    assert lines(sandbox) == []


# Case 4: INACTIVE, and the policy allows.


def test_an_inactive_user_is_reactivated_grants_first_status_last(sandbox, stack):
    """The old grants go while the user has no access, then the type is set, and the status last."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2, 3])

    stack.up({"ann": user(type="STANDARD")})

    assert lines(sandbox) == [ADD, REMOVE, TYPE, STATUS]
    live = sandbox.conductor.user(ANN)
    assert (live["accounts"], live["type"], live["status"]) == ([1], "STANDARD", "ACTIVE")
    assert stack.warnings == [
        f"CONDUIT-REVOKE[accounts=2,3]: user {ANN}: left over, will be removed: 'Travel' (2), 'Finance' (3)",
        (
            f"CONDUIT-REACTIVATE[accounts=1; type=STANDARD]: user {ANN}: is reactivated with accounts 'Retail' (1);"
            " its type, READ_ONLY in Conductor, is set to STANDARD"
        ),
        (
            f"CONDUIT-REACTIVATE[type=STANDARD]: user {ANN} exists, is INACTIVE and is reactivated: set its"
            " accounts to the declared ones, set its type, set it ACTIVE"
        ),
    ]


def test_a_fresh_get_comes_right_before_the_activation(sandbox, stack):
    """What the user may reach is looked at after the last write to its grants."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])

    stack.up({"ann": user()})

    assert [request["route"] for request in sandbox.requests][-2:] == [
        "GET /users/{userEmail}",
        "PUT /users/{userEmail}/status",
    ]


def test_an_inactive_user_declared_inactive_is_changed_and_stays_so(sandbox, stack):
    """Only a declared ACTIVE activates."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])

    stack.up({"ann": user(type="STANDARD", status="INACTIVE")})

    assert lines(sandbox) == [ADD, REMOVE, TYPE]
    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"
    assert stack.warnings == [
        f"CONDUIT-REVOKE[accounts=2]: user {ANN}: left over, will be removed: 'Travel' (2)",
        (
            f"CONDUIT-ADOPT[type=STANDARD]: user {ANN} exists, is INACTIVE and stays so, and is changed: set"
            " its accounts to the declared ones, set its type"
        ),
    ]


def test_under_error_an_inactive_user_is_refused(sandbox, stack):
    """The policy that allows it is named, and so is what a rename should do."""
    sandbox.conductor.put_user(ANN, status="INACTIVE")

    assert refusal(stack, {"ann": user(onConflict="error")}) == (
        f"user {ANN}: exists, and status is 'INACTIVE' in Conductor but 'ACTIVE' in the program: set each to the value"
        " in Conductor, or set"
        " on_conflict='reactivate_inactive'. After a rename, rename first and edit in a second `up`, or add an alias"
    )
    assert lines(sandbox) == []


def test_a_foreign_leftover_account_stops_the_return(sandbox, stack):
    """An account that this identity cannot take away does not come back to life unseen."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1, 99])

    with pytest.raises(PreviewFailedError) as caught:
        stack.preview({"ann": user()})

    assert str(caught.value) == (
        f"user {ANN}: not reactivated, because it still holds accounts 99, which this identity does not own and"
        " cannot remove; have them removed, or set on_conflict='adopt' to accept them"
    )
    assert lines(sandbox) == []


def test_a_foreign_leftover_account_is_accepted_with_adopt(sandbox, stack):
    """With adopt the foreign account is listed in a warning, and the user comes back."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2, 99])

    stack.up({"ann": user(onConflict="adopt")})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 99]
    assert stack.warnings.count(f"user {ANN}: is reactivated with accounts 99, which this identity does not own") == 1


def test_a_removal_that_has_no_effect_stops_the_return(sandbox, stack, switch):
    """An account of this identity that stays is an error under every policy, and nobody is activated."""
    switch(inactive_grants_editable="removal_ignored")
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1, 2])

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: the API accepted the removal but still shows 'Travel' \(2\);"
    ):
        stack.up({"ann": user(onConflict="adopt")})

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_an_account_that_turns_up_meanwhile_stops_the_return(sandbox, stack):
    """What the last look shows is what counts, not what the writes answered."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])
    sandbox.faults.add("PUT /users/{userEmail}/type", hook=lambda: sandbox.conductor.edit_user(ANN, accounts=[1, 3]))

    with pytest.raises(RefusedError) as caught:
        stack.up({"ann": user(type="STANDARD")})

    assert str(caught.value) == (
        f"user {ANN}: not activated, because it shows accounts 'Retail' (1), 'Finance' (3) instead of accounts"
        " 'Retail' (1); have its accounts corrected, then run again"
    )
    assert STATUS not in lines(sandbox)


def test_writes_that_show_late_are_waited_for(sandbox, stack, switch):
    """A GET that is a few reads behind delays the activation and nothing else."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])
    switch(read_lag=3)
    waits: list[float] = []
    stack.begin = _with_sleep(stack, stack.begin, waits)

    stack.up({"ann": user()})

    assert sandbox.conductor.user(ANN)["status"] == "ACTIVE"
    assert waits == [0.1, 0.2, 0.4]


def _with_sleep(stack, begin, waits):
    def beginning():
        begin()
        stack.run.sleep = waits.append

    return beginning


# Case 5: an interrupted create of an INACTIVE user.


def test_what_an_interrupted_create_left_active_is_set_inactive(sandbox, stack):
    """A user that is as declared but for the status, with exactly the initial accounts, is ours to finish."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    stack.up({"ann": user(status="INACTIVE", onConflict="error")})

    assert lines(sandbox) == [STATUS]
    assert stack.warnings == [
        f"CONDUIT-ADOPT[status=INACTIVE]: user {ANN} exists as declared but ACTIVE, and is set INACTIVE"
    ]


@pytest.mark.parametrize("found", [{"accounts": [1, 2]}, {"type": "STANDARD"}])
def test_a_user_with_more_than_an_interrupted_create_leaves_is_a_conflict(sandbox, stack, found):
    """Another account or another type means that somebody works with this user."""
    sandbox.conductor.put_user(ANN, **found)

    text = refusal(stack, {"ann": user(status="INACTIVE")})

    assert text.startswith(f"user {ANN}: exists, and ")
    assert "status is 'ACTIVE' in Conductor but 'INACTIVE' in the program" in text
    assert lines(sandbox) == []


# Case 6: ACTIVE but different.


def test_adopt_writes_type_and_leaves_grants_alone(sandbox, stack):
    """An ACTIVE user is adopted by its type, with its grants as they are."""
    sandbox.conductor.put_user(ANN, accounts=[2, 99])

    stack.up({"ann": user(type="STANDARD", onConflict="adopt")})

    assert lines(sandbox) == [TYPE]
    assert sandbox.conductor.user(ANN)["accounts"] == [2, 99]
    assert stack.warnings == [f"CONDUIT-ADOPT[type=STANDARD]: user {ANN} exists and is adopted: set its type"]


def test_adopt_deactivates_before_it_sets_the_type(sandbox, stack):
    """Who is declared INACTIVE loses access first."""
    sandbox.conductor.put_user(ANN, accounts=[2])

    stack.up({"ann": user(type="STANDARD", status="INACTIVE", onConflict="adopt")})

    assert lines(sandbox) == [STATUS, TYPE]


@pytest.mark.parametrize("policy", ["error", "reactivate_inactive"])
def test_without_adopt_a_different_active_user_is_refused(sandbox, stack, policy):
    """What differs is listed, and the policy that would change it is named."""
    sandbox.conductor.put_user(ANN, type="STANDARD")

    assert refusal(stack, {"ann": user(onConflict=policy)}) == (
        f"user {ANN}: exists, and type is 'STANDARD' in Conductor but 'READ_ONLY' in the program: set each to the value"
        " in Conductor, or set"
        " on_conflict='adopt'. After a rename, rename first and edit in a second `up`, or add an alias"
    )
    assert lines(sandbox) == []


# Case 7: 409, yet 404.


def test_a_user_that_exists_and_cannot_be_seen_is_an_error(sandbox, stack):
    """Nothing is written, and the message says what an Admin must do."""
    sandbox.conductor.put_user(ANN, accounts=[99])

    with pytest.raises(RefusedError) as caught:
        stack.up({"ann": user(onConflict="adopt")})

    assert str(caught.value) == (
        f"user {ANN}: it exists, but shares no account with this identity, which cannot see it (404); an Admin of its"
        " accounts must give it one that this identity owns. Nothing was written"
    )
    assert lines(sandbox) == ["POST /users"]
    assert sandbox.conductor.user(ANN)["accounts"] == [99]


# A kill between any two calls.

SITUATIONS = {
    "new": (None, {}),
    "new and inactive": (None, {"status": "INACTIVE"}),
    "inactive with other accounts": ({"status": "INACTIVE", "accounts": [2, 3]}, {"type": "STANDARD"}),
    "inactive and stays so": ({"status": "INACTIVE", "accounts": [2]}, {"type": "STANDARD", "status": "INACTIVE"}),
    "active and adopted": ({}, {"type": "STANDARD", "status": "INACTIVE", "onConflict": "adopt"}),
}
MOST_REQUESTS = 9


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("killed_at", sample(range(MOST_REQUESTS), 3))
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_run_killed_at_any_call_is_repaired_by_the_next(sandbox, stack, situation, killed_at, drop):
    """Whatever call the last one was, with or without effect, running the same program again ends where it should."""
    found, declared = SITUATIONS[situation]
    if found is not None:
        sandbox.conductor.put_user(ANN, **found)
    program = {"ann": user(**declared)}
    sandbox.faults.add(after=killed_at, times=1, drop=drop)
    sandbox.faults.add(after=killed_at, times=None, drop="before")
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up(program, keep_going=True)
    sandbox.faults.clear()
    stack.up(program)

    spec = stack.held["ann"].inputs
    live = sandbox.conductor.user(ANN)
    assert (live["type"], live["status"], live["accounts"]) == (spec["type"], spec["status"], [1])


def test_an_activation_whose_answer_was_lost_is_not_repeated(sandbox, stack):
    """The next run looks, and finds nothing to do."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[2])
    sandbox.faults.add("PUT /users/{userEmail}/status", times=None, drop="after")
    with pytest.raises(OutcomeUnknownError):
        stack.up({"ann": user()})
    sandbox.faults.clear()
    sandbox.forget_requests()

    stack.up({"ann": user()})

    assert lines(sandbox) == []
    assert stack.warnings == [f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"]
