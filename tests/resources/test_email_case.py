"""Where the API is case-sensitive, every request names the user whom the state is about, and nobody else."""

import pytest
from declarations import ANN, account_list, grant, lines, user

from pulumi_conduit.errors import RefusedError

SPELLED = "Ann@acme.example"
OTHER = {"first_name": "Another", "accounts": [1, 5]}
KINDS = {"user": user(onConflict="adopt"), "grant": grant(2), "list": account_list(1, 2)}
every_kind = pytest.mark.parametrize("declared", KINDS.values(), ids=KINDS)


@pytest.fixture(autouse=True)
def tells_cases_apart(sandbox, switch):
    """Let the API be case-sensitive, and spell the user in another way than the canonical one."""
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user(SPELLED, accounts=[1])


@pytest.fixture
def recorded(sandbox, stack):
    """Return a way to bring a declaration up, after which there is another person at the lower-cased address."""

    def bring_up(declared):
        stack.up({"it": declared})
        sandbox.conductor.put_user(ANN, **OTHER)
        sandbox.forget_requests()
        stack.environ["CONDUIT_PREVIEW"] = "offline"  # so that no list is read

    return bring_up


def other(sandbox):
    """Return what the other person has."""
    live = sandbox.conductor.user(ANN)
    return live["status"], live["type"], live["accounts"]


UNTOUCHED = ("ACTIVE", "READ_ONLY", [1, 5])


@every_kind
def test_the_state_keeps_the_spelling_of_the_api(stack, declared):
    """It is an output, and no input: a refresh and the next run find nothing to do."""
    stack.up({"it": declared})
    outputs = stack.outputs("it")

    assert SPELLED == outputs["remoteEmail"]
    assert SPELLED == stack.refresh().outputs("it")["remoteEmail"]
    assert [("same", "it")] == stack.up({"it": declared}).operations


@every_kind
def test_a_canonical_spelling_is_not_kept(sandbox, stack, declared):
    """What the state keeps is nothing where the address is the lower-cased one."""
    sandbox.conductor.remove_user(SPELLED)
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"it": declared})

    assert "remoteEmail" not in stack.outputs("it")


@pytest.mark.parametrize(
    ("edit", "written"),
    [
        ({"type": "STANDARD"}, ["type"]),
        ({"status": "INACTIVE"}, ["status"]),
        ({"status": "INACTIVE", "type": "STANDARD"}, ["status", "type"]),
    ],
)
def test_an_update_of_a_user_goes_to_that_user(sandbox, stack, recorded, edit, written):
    """No list is read, and nobody else is promoted or deactivated."""
    recorded(KINDS["user"])

    stack.up({"it": user(onConflict="adopt", **edit)})

    assert [f"PUT /users/{SPELLED}/{one}" for one in written] == lines(sandbox)
    assert UNTOUCHED == other(sandbox)
    assert 0 == sandbox.count("GET /users")


def test_a_destroy_deactivates_that_user(sandbox, stack, recorded):
    """The other person stays ACTIVE."""
    recorded(KINDS["user"])

    stack.destroy()

    assert ("INACTIVE", UNTOUCHED) == (sandbox.conductor.user(SPELLED)["status"], other(sandbox))


def test_a_return_to_active_goes_to_that_user(sandbox, stack, recorded):
    """Reading, granting, activating: all of it."""
    stack.up({"it": user(onConflict="adopt")})
    recorded(user(status="INACTIVE", onConflict="adopt"))

    stack.up({"it": user(onConflict="adopt")})

    assert ("ACTIVE", UNTOUCHED) == (sandbox.conductor.user(SPELLED)["status"], other(sandbox))


@pytest.mark.parametrize("kind", ["grant", "list"])
def test_access_is_removed_from_that_user(sandbox, stack, recorded, kind):
    """A removal names the user as the state does."""
    recorded(KINDS[kind])
    sandbox.conductor.add_grant(SPELLED, 7)

    stack.destroy()

    assert [f"PUT /users/{SPELLED}/accounts removal=true"] == lines(sandbox)
    assert ([1, 7] if kind == "grant" else [7]) == sandbox.conductor.user(SPELLED)["accounts"]
    assert UNTOUCHED == other(sandbox)


def test_a_list_that_changes_is_that_users(sandbox, stack, recorded):
    """Adding and removing go where the list was made."""
    recorded(KINDS["list"])

    stack.up({"it": account_list(2, 3)})

    assert ([2, 3], UNTOUCHED) == (sandbox.conductor.user(SPELLED)["accounts"], other(sandbox))


@every_kind
@pytest.mark.parametrize("act", ["refresh", "destroy"])
def test_of_two_users_in_a_run_that_reads_the_list_none_is_touched(sandbox, stack, recorded, declared, act):
    """Where the list shows both, somebody must decide who is meant."""
    recorded(declared)
    view = stack.new_run
    stack.new_run = lambda: _that_has_read_the_list(view())

    with pytest.raises(RefusedError, match="the API lists two users that differ in case only"):
        getattr(stack, act)()

    assert ([], {"it"}) == (lines(sandbox), set(stack.held))


def _that_has_read_the_list(run):
    run.sessions.conductor(None).cache.listing()
    return run


@every_kind
@pytest.mark.parametrize("act", ["refresh", "destroy"])
def test_another_person_at_another_spelling_is_not_the_recorded_one(sandbox, stack, recorded, declared, act):
    """The recorded user is there no more; a request that finds somebody else goes no further."""
    recorded(declared)
    sandbox.conductor.remove_user(SPELLED)

    with pytest.raises(
        RefusedError,
        match=rf"the state has its address as '{SPELLED}', which returned 404, and the list has '{ANN}'",
    ):
        getattr(stack, act)()

    assert (UNTOUCHED, {"it"}) == (other(sandbox), set(stack.held))


def test_a_canonical_address_is_no_other_spelling_either(sandbox, stack):
    """A state without a spelling is about the lower-cased address."""
    sandbox.conductor.remove_user(SPELLED)
    stack.up({"ann": user(), "two": grant(2)})
    sandbox.conductor.remove_user(ANN)
    sandbox.conductor.put_user(SPELLED, accounts=[1, 2])

    with pytest.raises(RefusedError, match=f"the state has its address as '{ANN}', which returned 404"):
        stack.refresh()

    assert {"ann", "two"} == set(stack.held)


@every_kind
def test_where_cases_make_no_difference_another_spelling_is_the_same_user(sandbox, stack, switch, declared):
    """A GET under the recorded spelling answers, so nothing stands in the way, and the state follows the API."""
    switch(emails_case_insensitive=True)
    stack.up({"it": declared})
    stack.held["it"].outputs.pop("remoteEmail")

    assert SPELLED == stack.refresh().outputs("it")["remoteEmail"]


@pytest.mark.parametrize(("kind", "resource_id"), [("user", ANN), ("grant", f"{ANN}:1"), ("list", ANN)])
def test_a_lookup_records_the_spelling_and_keeps_to_it(sandbox, stack, kind, resource_id):
    """What `get` has read is refreshed by the same spelling."""
    state = stack.get(kind, resource_id)

    assert SPELLED == state.remote_email
    sandbox.conductor.remove_user(SPELLED)
    sandbox.conductor.put_user(ANN, **OTHER)
    stack.begin()
    with pytest.raises(RefusedError, match="which returned 404, and the list has"):
        stack.handler(kind).read(state)


@pytest.mark.parametrize(
    "declared", [user(importId=ANN), grant(1, importId=f"{ANN}:1"), account_list(1, importId=ANN)], ids=KINDS
)
def test_an_import_records_the_spelling(stack, declared):
    """It never writes, and what it has read is what later runs write to."""
    stack.up({"it": declared})

    assert SPELLED == stack.outputs("it")["remoteEmail"]


def test_a_create_that_meets_another_spelling_in_a_run_without_a_list_converges_on_it(sandbox, stack):
    """The API refuses the lower-cased address as taken, and the list, which is read then, says by whom."""
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    sandbox.faults.add("POST /users", status=409, body={"message": "taken"})

    stack.up({"it": user(type="STANDARD", onConflict="adopt")})

    assert (SPELLED, "STANDARD") == (stack.outputs("it")["remoteEmail"], sandbox.conductor.user(SPELLED)["type"])


def test_a_write_that_wants_the_spelling_of_the_get_is_sent_again_under_it(sandbox, stack, switch):
    """Reads may make no difference between cases where writes do; the GET says that it is the same user."""
    switch(emails_case_insensitive=True)
    stack.up({"it": user()})
    stack.held["it"].outputs.pop("remoteEmail")
    sandbox.faults.add("PUT /users/{userEmail}/type", path="/ann@", status=404, body={"message": "none"}, times=None)

    stack.up({"it": user(type="STANDARD")})

    assert "STANDARD" == sandbox.conductor.user(SPELLED)["type"]
