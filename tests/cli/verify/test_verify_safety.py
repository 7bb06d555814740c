"""Nobody but the test user and the test company is touched, and whatever ends a run, what it did is undone or named."""

import signal
import socket

import pytest
from sampling import sample

from pulumi_conduit.cli.verify import caller

USER, COMPANY = "you+conduit@corp.example", "CONDUITTEST"
ONLY_USER, ONLY_COMPANY = ("--user", USER), ("--company", COMPANY)


@pytest.fixture
def left_before(sandbox):
    """Return a function that puts the test user as an earlier run, or somebody else, may have left it."""

    def put(**fields):
        names = {"first_name": "Conduit", "last_name": "Verify", "status": "INACTIVE", "accounts": [1]}
        return sandbox.conductor.put_user(USER, **{**names, **fields})

    return put


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "the test user exists already; if an earlier run of verify left it, add --again; else name another one"),
        ({"first_name": "Ann"}, "the user is not named Conduit Verify, so it is not the test's"),
        ({"type": "ADMIN"}, "the user is neither READ_ONLY nor STANDARD, so it is not the test's"),
        (
            {"accounts": [1, 5]},
            "the user holds an account that the test has not granted; if it has, name it by --account",
        ),
    ],
)
def test_a_user_that_may_be_a_person_is_not_touched(sandbox, verify, left_before, fields, reason):
    """The run stops before its first write, and says why."""
    before = left_before(**fields)

    result = verify(subjects=ONLY_USER)

    assert (3, f"Error: stopped: {reason}\n") == (result.exit_code, result.stderr)
    assert ([], before) == (sandbox.writes(), sandbox.conductor.user(USER))
    assert (reason, []) == (result.report["stopped"], result.report["left"])


@pytest.mark.parametrize("fields", [{"first_name": "Ann"}, {"type": "ADMIN"}, {"accounts": [1, 5]}])
def test_again_takes_no_other_user_either(sandbox, verify, left_before, fields):
    """It is for what a run of this command has left."""
    before = left_before(**fields)

    assert 3 == verify("--again", subjects=ONLY_USER).exit_code
    assert ([], before) == (sandbox.writes(), sandbox.conductor.user(USER))


def test_two_users_that_differ_in_case_only_end_the_run(sandbox, verify, switch):
    """A write could reach the wrong one."""
    switch(emails_case_insensitive=False)
    for email in (USER, USER.upper()):
        sandbox.conductor.put_user(email, first_name="Conduit", last_name="Verify", accounts=[1])

    result = verify("--again", subjects=ONLY_USER)

    assert "stopped: the list has two users whose addresses differ in case only" in result.stderr
    assert [] == sandbox.writes()


def test_a_user_of_another_identity_is_not_touched(sandbox, verify, left_before):
    """Only the creation shows that it is there, by its 409."""
    left_before(accounts=[99])

    result = verify(subjects=ONLY_USER)

    assert "stopped: the user exists already, where this identity does not see it" in result.stderr
    assert ["POST"] == [entry["method"] for entry in sandbox.writes()]


@pytest.mark.parametrize("options", [(), ("--again",)])
def test_a_company_that_is_not_the_tests_is_not_touched(sandbox, verify, options):
    """By its name."""
    before = sandbox.link.put_company(COMPANY, name="Acme", page_enabled=True)

    result = verify(*options, subjects=ONLY_COMPANY)

    assert "stopped: the company is not named 'pulumi-conduit verify', so it is not the test's" in result.stderr
    assert ([], before) == (sandbox.writes(), sandbox.link.company(COMPANY))


def test_a_company_that_an_earlier_run_left_needs_again(sandbox, verify):
    """Like the user."""
    assert 0 == verify().exit_code
    sandbox.forget_requests()

    assert "stopped: the test user exists already" in verify().stderr
    assert "stopped: the test company exists already" in verify(subjects=ONLY_COMPANY).stderr
    assert [] == sandbox.writes()


def test_again_verifies_what_an_earlier_run_left(sandbox, verify):
    """And leaves it as it was."""
    verify()
    before = sandbox.dump()

    result = verify("--again")

    assert (0, before) == (result.exit_code, sandbox.dump()), result.output
    assert {"confirmed"} == {row["result"] for row in result.report["operations"]}


def test_what_a_killed_run_left_is_set_back_by_the_next(sandbox, verify, left_before):
    """ACTIVE, STANDARD and with both accounts."""
    left_before(status="ACTIVE", type="STANDARD", accounts=[1, 2])

    assert 0 == verify("--again", subjects=ONLY_USER).exit_code
    user = sandbox.conductor.user(USER)
    assert ("INACTIVE", "READ_ONLY", [1]) == (user["status"], user["type"], user["accounts"])


def test_a_response_about_another_user_ends_the_run_without_another_request(sandbox, verify):
    """What is left is said, because nothing more may be sent."""
    body = {"email": "ann@acme.example", "firstname": "Ann", "lastname": "A", "sso_access": False}
    wrong = {**body, "type": "READ_ONLY", "view": "COMPLETE", "accounts": [1]}
    fault = sandbox.faults.add("GET /users/{userEmail}", status=200, body=wrong, after=6)

    result = verify(subjects=ONLY_USER)

    assert 1 == fault.struck
    assert "Error: stopped: a response about the test user has another address\n" == result.stderr
    assert sandbox.requests[-1]["route"] == "GET /users/{userEmail}"
    (left,) = result.report["left"]
    assert left.startswith("the test user may be ACTIVE (when last seen it was ")
    assert "ann@acme.example" not in result.output


@pytest.fixture
def interrupted(sandbox, monkeypatch):
    """Return a function that interrupts the run after so many writes, by the command's own wait before a look."""

    def after(writes, times=1):
        pending = [times]
        plain = caller.Caller.send

        def send(self, request, token=None):
            reply = plain(self, request, token)
            if len(sandbox.writes()) >= writes and pending[0]:
                pending[0] -= 1
                signal.raise_signal(signal.SIGINT)
            return reply

        monkeypatch.setattr(caller.Caller, "send", send)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    yield after
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("writes", sample([1, 2, 4, 5, 6, 7, 8, 12, 16, 20, 24, 26], 5))
def test_an_interrupted_run_undoes_what_it_did(sandbox, verify, interrupted, writes):
    """Wherever Ctrl-C comes."""
    interrupted(writes)

    result = verify()

    assert (3, "Error: interrupted\n") == (result.exit_code, result.stderr), result.output
    user, companies = sandbox.conductor.user(USER), sandbox.link.companies()
    assert ("INACTIVE", "READ_ONLY", [1]) == (user["status"], user["type"], user["accounts"])
    assert not any(one["page_enabled"] for one in companies.values())
    assert ("interrupted", []) == (result.report["stopped"], result.report["left"])


def test_a_second_interrupt_leaves_it_and_says_so(sandbox, verify, interrupted):
    """The user may want to get away from a server that hangs."""
    interrupted(4, times=2)

    result = verify(subjects=ONLY_USER)

    assert 3 == result.exit_code
    assert "ACTIVE" == sandbox.conductor.user(USER)["status"]
    assert result.report["left"][0].startswith("the test user may be ACTIVE (when last seen it was ACTIVE and ")


def test_an_api_that_breaks_down_is_undone_as_far_as_it_goes(sandbox, verify):
    """What could not be undone is named."""
    sandbox.faults.add("PUT /users/{userEmail}/accounts", drop="before", times=None)
    sandbox.faults.add("PUT /users/{userEmail}/status", drop="before", after=1, times=None)

    result = verify(subjects=ONLY_USER)

    assert 3 == result.exit_code
    assert "no response from Conductor to PUT" in result.stderr
    assert "the response to a write was lost" == result.report["stopped"]
    assert result.report["left"][0].startswith("the test user may be ACTIVE")


def test_a_creation_whose_response_is_lost_is_undone(sandbox, verify):
    """The user is looked for, and set INACTIVE."""
    sandbox.faults.add("POST /users", drop="after")

    result = verify(subjects=ONLY_USER)

    assert (3, []) == (result.exit_code, result.report["left"]), result.output
    assert "INACTIVE" == sandbox.conductor.user(USER)["status"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 500])
def test_the_password_goes_to_no_other_path_after_a_refusal(sandbox, verify, status):
    """It may be a verdict on the password, and a second one may lock the account."""
    sandbox.faults.add("POST /login", status=status, times=None)

    result = verify("--probe-writes", subjects=ONLY_USER)

    assert 1 == result.exit_code
    assert {"/login"} == {entry["path"] for entry in sandbox.requests}


@pytest.mark.parametrize(("position", "status"), [("forbidden", "403"), ("page", "200")])
def test_a_write_that_was_not_refused_for_sure_is_not_tried_elsewhere(sandbox, verify, switch, position, status):
    """A 403 may be about the user, and a web page says nothing."""
    switch(unknown_route=position, routes="PUT /users/{userEmail}/type=PATCH /users/{userEmail}/type")

    result = verify("--probe-writes", subjects=ONLY_USER)

    (row,) = [row for row in result.report["operations"] if row["operation"] == "set_user_type"]
    assert row["response"].startswith(status)
    assert row["result"] in ("refused", "different")
    assert {"PUT"} == {one["method"] for one in sandbox.writes() if one["path"].endswith("/type")}


def test_without_probe_writes_each_write_is_tried_once(sandbox, verify, switch):
    """At the route that is configured."""
    switch(routes="PUT /users/{userEmail}/type=PATCH /users/{userEmail}/type")

    result = verify(subjects=ONLY_USER)

    (row,) = [row for row in result.report["operations"] if row["operation"] == "set_user_type"]
    assert ("not found", "--probe-writes tries others") == (row["result"], row["note"])
    assert ["PUT"] == [one["method"] for one in sandbox.writes() if one["path"].endswith("/type")]


def test_a_write_that_does_something_else_is_named_and_undone(sandbox, verify, switch):
    """Where the verbs of two operations are swapped."""
    accounts = "/users/{userEmail}/accounts"
    switch(routes=f"PUT {accounts}=POST {accounts}; POST {accounts}=PUT {accounts}")

    result = verify("--probe-writes", subjects=ONLY_USER)

    (row,) = [row for row in result.report["operations"] if row["operation"] == "change_user_accounts"]
    assert ("different", "it was accepted, and did something else") == (row["result"], row["note"])
    assert ("INACTIVE", [1]) == (sandbox.conductor.user(USER)["status"], sandbox.conductor.user(USER)["accounts"])


ANN = "ann@acme.example"
OTHER_ADDRESS = "a response about the test user has another address"
UNREADABLE = "a user has the address, in a form that is not documented, so it may be anybody"


@pytest.mark.parametrize(
    ("route", "body", "reason"),
    [
        ("GET /users/{userEmail}", {"email": ANN}, OTHER_ADDRESS),
        ("GET /users/{userEmail}", {"user": {"email": ANN}}, OTHER_ADDRESS),
        ("GET /users/{userEmail}", {"email": USER}, UNREADABLE),
        (
            "GET /users/{userEmail}",
            {"firstname": "Ann"},
            "the user is not named Conduit Verify, so it is not the test's",
        ),
        ("GET /users", [{"email": USER.upper()}], UNREADABLE),
        (
            "GET /users",
            [{"email": USER, "lastname": "A"}],
            "the user is not named Conduit Verify, so it is not the test's",
        ),
    ],
)
@pytest.mark.parametrize("options", [(), ("--again",)])
def test_a_user_that_cannot_be_read_may_be_anybody(sandbox, verify, route, body, reason, options):
    """An API that ignores the address, or has users of another form, is not written to."""
    sandbox.faults.add(route, status=200, body=body, times=None)

    result = verify(*options, subjects=ONLY_USER)

    assert (3, f"Error: stopped: {reason}\n", []) == (result.exit_code, result.stderr, sandbox.writes())


@pytest.mark.parametrize(
    "email",
    [
        "yo\u00fa+conduit@corp.example",  # a database may ignore accents
        "\uff59ou+conduit@corp.example",  # and width
        "you+condu\u0131t@corp.example",  # and the dot of an i
        "you+conduit@corp.ex\u200bample",  # and what cannot be seen
        f"{USER} ",
    ],
)
def test_an_address_that_could_be_taken_for_the_test_users_ends_the_run(sandbox, verify, email):
    """What the server compares by is not known."""
    sandbox.faults.add("GET /users", status=200, body=[{"email": email}], times=None)

    result = verify(subjects=ONLY_USER)

    assert "Error: stopped: the list has a user whose address could be taken for the test user's\n" == result.stderr
    assert [] == sandbox.writes()


def test_a_list_that_has_the_user_twice_ends_the_run(sandbox, verify):
    """Which of the two would be changed is not known."""
    sandbox.faults.add("GET /users", status=200, body=[{"email": USER}, {"email": USER}], times=None)

    result = verify("--again", subjects=ONLY_USER)

    assert ("Error: stopped: the list has the test user twice\n", []) == (result.stderr, sandbox.writes())


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("PUT /users/{userEmail}/type", {"type": "ADMIN"}),
        ("PUT /users/{userEmail}/status", {"email": ANN, "status": "ACTIVE"}),
        ("PUT /users/{userEmail}/accounts", {"accounts": [1, 5]}),
    ],
)
def test_the_response_to_a_write_that_is_about_somebody_else_ends_the_run(sandbox, verify, route, body):
    """Before another request, whatever of the documented form it lacks."""
    fault = sandbox.faults.add(route, status=200, body=body)

    result = verify(subjects=ONLY_USER)

    assert (3, 1) == (result.exit_code, fault.struck)
    assert "Error: stopped: " in result.stderr
    assert route == sandbox.requests[-1]["route"]


def test_a_write_that_ignores_the_address_ends_the_run(sandbox, verify):
    """The test user is as before, and the list shows who is not."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    sandbox.faults.add(
        "PUT /users/{userEmail}/type",
        status=200,
        body={"type": "STANDARD"},
        hook=lambda: sandbox.conductor.edit_user(ANN, type="STANDARD"),
    )

    result = verify(subjects=ONLY_USER)

    reason = "a write was accepted, the test user is as before, and another user has changed"
    assert (3, f"Error: stopped: {reason}\n") == (result.exit_code, result.stderr)
    assert "PUT /users/{userEmail}/type" == sandbox.writes()[-1]["route"]


@pytest.fixture
def elsewhere():
    """Give a server of another address, which answers nobody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.mark.parametrize(
    "route", ["POST /login", "GET /accounts", "GET /users", "POST /users", "PUT /users/{userEmail}/type"]
)
def test_a_redirect_is_not_followed(sandbox, verify, elsewhere, route):
    """Neither with the password, nor with the token, nor with a write."""
    location = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
    fault = sandbox.faults.add(route, status=307, headers={"Location": location}, times=None)

    result = verify("--probe-writes", subjects=ONLY_USER)

    assert fault.struck
    assert result.exit_code in (1, 3), result.output
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_the_profile_of_who_is_logged_in_is_no_place_to_create_a_user(sandbox, verify, switch):
    """A POST there could rename the identity, and set it INACTIVE."""
    switch(routes="POST /users=POST /invitations; GET /users=POST /search/users")
    sandbox.faults.add(path="^/user/?$", status=200, body={"email": "admin@sandbox.example"}, times=None)

    result = verify("--probe-writes", subjects=ONLY_USER)

    (row,) = [row for row in result.report["operations"] if row["operation"] == "create_user"]
    assert "not found" == row["result"]
    assert {"/users", "/users/", "/v1/user"} <= {entry["path"] for entry in sandbox.writes()}
    assert not {"/user", "/user/"} & {entry["path"] for entry in sandbox.writes()}


@pytest.mark.parametrize("shape", ["html", "text", "empty"])
def test_a_company_is_created_only_where_its_absence_is_certain(sandbox, verify, switch, shape):
    """What a proxy answers is no absence, and a creation may overwrite a company that is there."""
    switch(error_shape=shape, company_create_existing="overwrite")

    result = verify(subjects=ONLY_COMPANY)

    (row,) = [row for row in result.report["operations"] if row["operation"] == "get_company"]
    assert (1, "different", []) == (result.exit_code, row["result"], sandbox.writes())
