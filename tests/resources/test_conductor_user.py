"""The life of a user, from the first `up` to its deactivation."""

import pytest
from declarations import ANN, PreviewFailedError, grant, lines, user

from pulumi_conduit.errors import InvalidInputError, OutcomeUnknownError, RefusedError, UnexpectedResponseError


def test_a_user_is_created_kept_read_and_deactivated(sandbox, stack):
    """A user goes through create, no change, refresh and delete with two writes in all."""
    stack.up({"ann": user()})
    stack.refresh()
    stack.up({"ann": user()})
    assert stack.operations == [("same", "ann")]
    stack.destroy()

    assert lines(sandbox) == ["POST /users", f"PUT /users/{ANN}/status"]
    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"
    assert sandbox.conductor.user(ANN)["accounts"] == [1]


def test_a_create_sends_what_is_declared(sandbox, stack):
    """Every declared property arrives, and the answer is what is recorded."""
    stack.up({"ann": user(type="STANDARD", view="RESEARCH", ssoAccess=True, accounts=[2, 1])})

    assert sandbox.conductor.user(ANN) == {
        "email": ANN,
        "first_name": "First",
        "last_name": "Last",
        "type": "STANDARD",
        "view": "RESEARCH",
        "sso_access": True,
        "status": "ACTIVE",
        "accounts": [1, 2],
    }
    assert stack.outputs("ann")["initialAccounts"] == [1, 2]


@pytest.mark.parametrize(("declared", "sent"), [({}, "false"), ({"sendEmail": True}, "true")])
def test_an_email_is_sent_only_when_declared(sandbox, stack, declared, sent):
    """The invitation is off unless the declaration turns it on."""
    stack.up({"ann": user(**declared)})

    assert sandbox.writes()[0]["query"] == {"send_email": sent}


def test_an_unchanged_user_sends_no_request(sandbox, stack):
    """A second `up` of the same program sends no request at all, not even a login."""
    stack.up({"ann": user()})
    sandbox.forget_requests()

    stack.up({"ann": user()})

    assert sandbox.counts() == {}


def test_a_refresh_without_drift_leaves_the_inputs_that_check_made(stack):
    """What `read` returns as inputs is what `check` returned, so that a refresh shows no drift."""
    stack.up({"ann": user(email="Ann@Acme.example", status="INACTIVE")})
    inputs = stack.held["ann"].inputs

    assert stack.refresh().held["ann"].inputs == inputs


def test_emails_are_one_in_any_case(stack):
    """The canonical form of an email is lower case, so another spelling is no change."""
    stack.up({"ann": user(email="Ann@Acme.example")})

    assert stack.outputs("ann")["email"] == ANN
    assert stack.preview({"ann": user(email="ANN@acme.EXAMPLE")}) == [("same", "ann")]


@pytest.mark.parametrize(
    ("edit", "field", "route"),
    [({"type": "STANDARD"}, "type", "type"), ({"status": "INACTIVE"}, "status", "status")],
)
def test_type_and_status_are_set_by_one_write_each(sandbox, stack, edit, field, route):
    """An edit of type or status is one request to its own endpoint."""
    stack.up({"ann": user()})
    sandbox.forget_requests()

    stack.up({"ann": user(**edit)})

    assert lines(sandbox) == [f"PUT /users/{ANN}/{route}"]
    assert sandbox.conductor.user(ANN)[field] == stack.outputs("ann")[field] == edit[field]


def test_type_and_status_together_deactivate_first(sandbox, stack):
    """Who shall lose access loses it before anything else is done."""
    stack.up({"ann": user()})
    sandbox.forget_requests()

    stack.up({"ann": user(type="STANDARD", status="INACTIVE")})

    assert lines(sandbox) == [f"PUT /users/{ANN}/status", f"PUT /users/{ANN}/type"]


@pytest.mark.parametrize(
    "edit",
    [{"sendEmail": True}, {"onConflict": "adopt"}, {"onDestroy": "retain"}, {"initialAccounts": [1, 2]}],
)
def test_what_is_stored_only_sends_no_request(sandbox, stack, edit):
    """A change of what only a create or a delete uses is an update without a request."""
    stack.up({"ann": user()})
    sandbox.forget_requests()

    stack.up({"ann": user(**edit)})

    assert stack.operations == [("update", "ann")]
    assert sandbox.counts() == {}
    assert stack.outputs("ann").items() >= edit.items()


def test_a_change_of_initial_accounts_says_that_it_changes_no_access(stack):
    """An edit of initial_accounts fails with the advice that grants manage access."""
    stack.up({"ann": user()})

    stack.up({"ann": user(accounts=[2])})

    assert stack.warnings == [
        f"user {ANN}: initial_accounts is stored only; access of a user that exists is managed by grants"
    ]


@pytest.mark.parametrize(
    ("edit", "name", "remote", "declared"),
    [
        ({"firstName": "New"}, "first_name", "'First'", "'New'"),
        ({"lastName": "New"}, "last_name", "'Last'", "'New'"),
        ({"view": "RESEARCH"}, "view", "'COMPLETE'", "'RESEARCH'"),
        ({"ssoAccess": True}, "sso_access", "false", "true"),
    ],
)
def test_what_no_endpoint_changes_is_refused_in_preview(sandbox, stack, edit, name, remote, declared):
    """A changed declaration of it fails before anything is written, and says what to do."""
    stack.up({"ann": user()})

    with pytest.raises(InvalidInputError) as caught:
        stack.preview({"ann": user(**edit)})

    assert str(caught.value) == (
        f"user {ANN}: {name} is {remote} in Conductor but {declared} in the program, and the API cannot change it:"
        f' set it to {remote}, or add ignore_changes=["{name}"]'
    )


def test_all_that_no_endpoint_changes_is_refused_at_once(sandbox, stack):
    """Each property has both values and its way out."""
    stack.up({"ann": user()})

    with pytest.raises(InvalidInputError) as caught:
        stack.preview({"ann": user(firstName="New", ssoAccess=True)})

    assert str(caught.value) == (
        f"user {ANN}: first_name is 'First' in Conductor but 'New' in the program, and the API cannot change it: set it"
        " to 'First', or add ignore_changes=[\"first_name\"]; sso_access is false in Conductor but true in the program,"
        ' and the API cannot change it: set it to false, or add ignore_changes=["sso_access"]'
    )


@pytest.mark.parametrize(
    ("drift", "edit", "remote", "declared"),
    [
        ({"first_name": "New"}, {"firstName": "New"}, "'New'", "'First'"),
        ({"last_name": "New"}, {"lastName": "New"}, "'New'", "'Last'"),
        ({"view": "RESEARCH"}, {"view": "RESEARCH"}, "'RESEARCH'", "'COMPLETE'"),
        ({"sso_access": True}, {"ssoAccess": True}, "true", "false"),
    ],
)
def test_drift_in_what_no_endpoint_changes_warns_and_blocks_nothing(sandbox, stack, drift, edit, remote, declared):
    """A refresh keeps the declared value in the inputs and the actual one in the outputs; both may then be declared."""
    stack.up({"ann": user()})
    inputs = stack.held["ann"].inputs
    sandbox.conductor.edit_user(ANN, **drift)
    sandbox.forget_requests()

    stack.refresh()

    assert stack.held["ann"].inputs == inputs
    assert stack.outputs("ann").items() >= edit.items()
    name = next(iter(drift))
    warning = (
        f"user {ANN}: {name} is {remote} in Conductor but {declared} in the program, and the API cannot change it:"
        f' set it to {remote}, or add ignore_changes=["{name}"]'
    )
    assert stack.preview({"ann": user()}) == [("same", "ann")]
    assert stack.warnings == [warning]
    stack.up({"ann": user(type="STANDARD")})
    stack.up({"ann": user(**edit, type="STANDARD")})
    assert stack.warnings == []
    assert lines(sandbox) == [f"PUT /users/{ANN}/type"]


def test_another_email_replaces(sandbox, stack):
    """A user with another email is created first, then the old one is deactivated."""
    stack.up({"ann": user()})

    stack.up({"ann": user(email="new@acme.example")})

    assert stack.operations == [("replace", "ann"), ("delete", "ann")]
    assert lines(sandbox)[1:] == ["POST /users", f"PUT /users/{ANN}/status"]


def test_drift_of_type_is_repaired(sandbox, stack):
    """A type changed outside is set back."""
    stack.up({"ann": user(type="STANDARD")})
    sandbox.conductor.edit_user(ANN, type="READ_ONLY")

    stack.refresh().up({"ann": user(type="STANDARD")})

    assert sandbox.conductor.user(ANN)["type"] == "STANDARD"


def test_an_activation_outside_is_repaired(sandbox, stack):
    """A user declared INACTIVE and made ACTIVE by somebody else loses its access again."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, status="ACTIVE")

    stack.refresh().up({"ann": user(status="INACTIVE")})

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_a_user_removed_outside_is_missing_with_a_warning(sandbox, stack):
    """A user whom neither the list nor its own GET knows leaves the state, with a warning."""
    stack.up({"ann": user()})
    sandbox.conductor.remove_user(ANN)

    assert stack.refresh().held == {}
    assert stack.warnings == [
        (
            f"user {ANN}: not found (404, and in no list), so this is removed from state; the user may"
            " still be ACTIVE where this identity cannot see it"
        )
    ]


def test_a_short_list_makes_no_user_missing(sandbox, stack, switch):
    """A user that the list lacks is asked for by its own GET."""
    stack.up({"ann": user()})
    switch(list_limit=0)

    assert list(stack.refresh().held) == ["ann"]


def test_deactivating_twice_is_no_error(sandbox, stack):
    """A delete that is repeated leaves the user INACTIVE."""
    stack.up({"ann": user()})
    held = dict(stack.held)
    stack.destroy()
    stack.held = held

    stack.destroy()

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_a_delete_of_a_user_that_is_not_visible_fails(sandbox, stack):
    """A 404 at delete is no proof of anything: the user may still be ACTIVE, so the state stays."""
    stack.up({"ann": user()})
    sandbox.conductor.edit_user(ANN, accounts=[99])

    with pytest.raises(
        RefusedError, match=rf"^user {ANN}: not deactivated, because this identity does not see it \(404\)"
    ):
        stack.destroy()

    assert list(stack.held) == ["ann"]
    assert sandbox.conductor.user(ANN)["status"] == "ACTIVE"


def test_a_retained_user_is_removed_from_state_only(sandbox, stack):
    """With on_destroy='retain' nothing is written, and the log says that the user stays."""
    stack.up({"ann": user(onDestroy="retain")})
    sandbox.forget_requests()

    stack.destroy()

    assert lines(sandbox) == []
    assert stack.warnings == [
        f"user {ANN}: removed from state only (on_destroy='retain') and still has access to 'Retail' (1)"
    ]


def test_a_retained_user_removed_from_state_before_its_grants_is_named_with_them(sandbox, stack):
    """Whatever a run before has forgotten, the log says what the user still has access to."""
    stack.up({"ann": user(onDestroy="retain"), "two": grant(2)})
    del stack.held["two"]

    stack.destroy()

    assert stack.warnings == [
        f"user {ANN}: removed from state only (on_destroy='retain') and still has access to 'Retail' (1), 'Travel' (2)"
    ]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"accounts": []}, ", with its access as it is"),
        ({"status": "INACTIVE"}, " and still holds, although INACTIVE, 'Retail' (1)"),
    ],
)
def test_a_retained_user_is_said_to_reach_only_what_it_does(sandbox, stack, edit, said):
    """A user without an account, or without access, is distinguished from one that has both."""
    stack.up({"ann": user(onDestroy="retain")})
    sandbox.conductor.edit_user(ANN, **edit)

    stack.destroy()

    assert stack.warnings == [f"user {ANN}: removed from state only (on_destroy='retain'){said}"]


def test_a_user_is_retained_although_no_request_can_read_it(sandbox, stack):
    """Removal from state only needs no successful GET: what a GET says against it is a warning."""
    stack.up({"ann": user(onDestroy="retain")})
    sandbox.faults.add("GET /users/{userEmail}", status=403)

    stack.destroy()

    (warning,) = stack.warnings
    assert "with its access as it is, which cannot be read: Conductor refused GET" in warning
    assert stack.held == {}


def test_without_credentials_a_user_is_retained_unseen(stack):
    """Removal from state only needs no credentials either."""
    stack.up({"ann": user(onDestroy="retain")})
    del stack.environ["CONDUCTOR_PASSWORD"], stack.environ["CONDUCTOR_USERNAME"], stack.environ["CONDUCTOR_URL"]

    stack.destroy()

    assert stack.warnings == [f"user {ANN}: removed from state only (on_destroy='retain'), with its access as it is"]


@pytest.fixture
def case_sensitive(sandbox, switch):
    """Let the API be case-sensitive, and have it know Ann with a capital."""
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user("Ann@acme.example")


def test_a_user_is_addressed_by_its_actual_spelling(sandbox, stack, case_sensitive):
    """Where the API is case-sensitive, every write uses the spelling that the list has."""
    stack.up({"ann": user(onConflict="adopt", type="STANDARD")})
    stack.up({"ann": user(onConflict="adopt")})
    stack.destroy()

    assert sandbox.conductor.users()["Ann@acme.example"]["status"] == "INACTIVE"
    assert ANN not in sandbox.conductor.users()


def test_two_users_that_differ_in_case_only_are_an_error(sandbox, stack, case_sensitive):
    """Nobody is written to while it is not clear who is meant."""
    sandbox.conductor.put_user(ANN)

    with pytest.raises(PreviewFailedError, match=rf"^user {ANN}: the API lists two users that differ in case only"):
        stack.up({"ann": user(type="STANDARD", onConflict="adopt")})

    assert lines(sandbox) == []


def test_a_create_that_does_not_honour_the_status_is_followed_by_a_deactivation(sandbox, stack, switch):
    """A user declared INACTIVE is INACTIVE in the end, whatever the create made of it."""
    switch(post_honours_status=False)

    stack.up({"ann": user(status="INACTIVE")})

    assert lines(sandbox) == ["POST /users", f"PUT /users/{ANN}/status"]
    assert sandbox.conductor.user(ANN)["status"] == stack.outputs("ann")["status"] == "INACTIVE"


def _answer(**changes):
    user_ = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "view": "COMPLETE"}
    return {**user_, "type": "READ_ONLY", "status": "ACTIVE", "accounts": [1], **changes}


def test_a_create_that_answers_another_type_is_followed_by_setting_it(sandbox, stack):
    """What the create's answer shows otherwise than declared is set."""
    sandbox.faults.add("POST /users", status=201, body=_answer(), handled=True)

    stack.up({"ann": user(type="STANDARD")})

    assert lines(sandbox) == ["POST /users", f"PUT /users/{ANN}/type"]


def test_a_create_whose_answer_lacks_the_status_asks_for_it(sandbox, stack):
    """No missing field is given a default."""
    answer = _answer()
    del answer["status"]
    sandbox.faults.add("POST /users", status=201, body=answer, handled=True)

    stack.up({"ann": user()})

    assert stack.outputs("ann")["status"] == "ACTIVE"
    assert sandbox.count("GET /users/{userEmail}") == 2  # one before it is created, by the check


def test_a_get_without_status_is_completed_from_the_list(sandbox, stack, switch):
    """Where a user's own GET does not carry the status, the list does."""
    sandbox.conductor.put_user(ANN, status="INACTIVE")
    switch(get_user_carries_status=False)

    stack.up({"ann": user(status="INACTIVE")})

    assert stack.outputs("ann")["status"] == "INACTIVE"


def test_a_status_that_no_response_carries_is_an_error(sandbox, stack, switch):
    """A user whose status neither its GET nor the list carries is not guessed to be ACTIVE."""
    stack.up({"ann": user()})
    switch(get_user_carries_status=False, list_limit=0)

    with pytest.raises(
        UnexpectedResponseError, match=rf"^user {ANN}: neither its own response nor the list has its status$"
    ):
        stack.refresh()


@pytest.mark.parametrize(
    ("edit", "route", "answer", "told"),
    [
        ({"type": "STANDARD"}, "PUT /users/{userEmail}/type", {"type": "READ_ONLY"}, "type set to STANDARD"),
        ({"status": "INACTIVE"}, "PUT /users/{userEmail}/status", {"status": "ACTIVE"}, "status set to INACTIVE"),
    ],
)
def test_a_write_that_answers_the_old_value_is_not_believed(sandbox, stack, edit, route, answer, told):
    """An answer that does not say what was asked for is an error."""
    stack.up({"ann": user()})
    sandbox.faults.add(route, status=200, body=answer)

    with pytest.raises(OutcomeUnknownError, match=rf"^user {ANN}: {told}, but the API returned"):
        stack.up({"ann": user(**edit)})


def test_a_create_whose_answer_is_lost_finds_its_user(sandbox, stack):
    """A lost answer is followed by a look, not by a second POST."""
    fault = sandbox.faults.add("POST /users", drop="after")

    stack.up({"ann": user()})

    assert fault.struck == 1
    assert lines(sandbox) == ["POST /users"]


def test_a_create_whose_answer_is_lost_and_who_is_not_found_is_an_error(sandbox, stack):
    """A lost answer followed by a 404 is an error, and the POST is not sent again."""
    fault = sandbox.faults.add("POST /users", drop="before")

    with pytest.raises(OutcomeUnknownError, match=rf"; a GET finds no user {ANN} yet: run again$"):
        stack.up({"ann": user()})

    assert (fault.struck, lines(sandbox)) == (1, ["POST /users"])
