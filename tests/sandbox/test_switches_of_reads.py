"""Switches about what reads show, how late, and in which shape, in each of their positions."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("limit", "users", "accounts"), [(None, 2, 10), (1, 1, 1), (0, 0, 0)])
def test_switch_list_limit(conductor, switch, ann, limit, users, accounts):
    """Lists are whole, or end after so many without saying so."""
    switch(list_limit=limit)

    assert len(conductor("GET", "/users").json()) == users
    assert len(conductor("GET", "/accounts").json()) == accounts
    assert conductor("GET", f"/users/{ann}").status_code == 200


@pytest.mark.parametrize(("lag", "seen"), [(0, ["new", "new", "new"]), (2, ["old", "old", "new"])])
def test_switch_read_lag_of_a_company(sandbox, link, switch, lag, seen):
    """After an edit so many reads still answer what was there before."""
    switch(read_lag=lag)
    sandbox.link.put_company("A", name="old")

    assert link("POST", "/link/company/A/", {"name": "new"}).json()["name"] == "new"

    assert [link("GET", "/link/company/A/").json()["name"] for _ in range(3)] == seen


@pytest.mark.parametrize(("lag", "seen"), [(0, [200, 200, 200]), (2, [404, 404, 200])])
def test_switch_read_lag_of_a_new_user(conductor, switch, new_user, lag, seen):
    """A new user is missing for so many reads, and a conflict for a second create at once."""
    switch(read_lag=lag)
    conductor("POST", "/users", new_user())

    assert conductor("POST", "/users", new_user()).status_code == 409
    assert [conductor("GET", "/users/bob@acme.example").status_code for _ in range(3)] == seen


@pytest.mark.parametrize(("lag", "seen"), [(0, [3, 3]), (1, [2, 3])])
def test_switch_read_lag_of_a_list(conductor, switch, new_user, ann, lag, seen):
    """A list counts as one read of each user in it."""
    switch(read_lag=lag)
    conductor("POST", "/users", new_user())

    assert [len(conductor("GET", "/users").json()) for _ in range(2)] == seen


def test_a_late_read_shows_what_was_seen_before_the_first_of_two_writes(conductor, switch, ann):
    """Two writes in a row do not make the middle state appear: what is visible never goes back and forth."""
    switch(read_lag=1)
    conductor("POST", f"/users/{ann}/accounts/3")
    conductor("POST", f"/users/{ann}/accounts/4")

    seen = [conductor("GET", f"/users/{ann}").json()["accounts"] for _ in range(2)]

    assert seen == [[1, 2], [1, 2, 3, 4]]


def test_an_edit_from_outside_is_never_late(sandbox, conductor, switch, ann):
    """Drift is old news, also for an object whose reads were late."""
    switch(read_lag=5)
    conductor("POST", f"/users/{ann}/accounts/3")
    sandbox.conductor.edit_user(ann, accounts=[7])

    assert conductor("GET", f"/users/{ann}").json()["accounts"] == [7]


@pytest.mark.parametrize("carries", [True, False])
def test_switch_get_user_carries_status(conductor, switch, ann, carries):
    """GET of one user has its status or is silent about it; the list always has it."""
    switch(get_user_carries_status=carries)

    assert ("status" in conductor("GET", f"/users/{ann}").json()) is carries
    assert all("status" in user for user in conductor("GET", "/users").json())


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("message", '{"message":"There is no company with this id."}'),
        ("error", '{"error":"There is no company with this id."}'),
        ("text", "There is no company with this id."),
    ],
)
def test_switch_error_shape(link, switch, shape, text):
    """A refusal is JSON under either name, or plain text."""
    switch(error_shape=shape)

    assert link("GET", "/link/company/NONE/").text == text


@pytest.mark.parametrize(("limit", "statuses"), [(None, [200, 200, 200]), (2, [200, 200, 429])])
def test_switch_rate_limit(sandbox, log_in, switch, mocker, limit, statuses):
    """More calls than the limit within a second are answered 429; a second later they pass."""
    client = log_in()
    sandbox.advance(2)
    mocker.patch("pulumi_conduit.sandbox.rules.state.time.time", return_value=2e9)
    client = log_in()
    sandbox.advance(2)
    switch(rate_limit_per_s=limit)

    answers = [client("GET", "/users") for _ in range(3)]

    assert [answer.status_code for answer in answers] == statuses
    assert answers[-1].headers.get("Retry-After") == (None if limit is None else "1")
    sandbox.advance(1)
    assert client("GET", "/users").status_code == 200


@pytest.mark.parametrize("latency_s", [0.0, 0.2])
def test_switch_latency(conductor, switch, latency_s):
    """A call takes at least the latency."""
    switch(latency_s=latency_s)

    assert conductor("GET", "/users").elapsed.total_seconds() >= latency_s


@pytest.mark.parametrize(("lag", "seen"), [(0, [1, 2, 3, 4]), (1, [1, 2, 3]), (2, [1, 2]), (9, [1, 2])])
def test_switch_list_lag_writes(conductor, switch, ann, lag, seen):
    """A list shows a user as before the last so many writes, however often it is asked; a GET of one user does not."""
    switch(list_lag_writes=lag)
    for account in (3, 4):
        conductor("POST", f"/users/{ann}/accounts/{account}")

    assert [seen, seen] == [conductor("GET", "/users").json()[-1]["accounts"] for _ in range(2)]
    assert [1, 2, 3, 4] == conductor("GET", f"/users/{ann}").json()["accounts"]


def test_a_late_list_lacks_a_new_user_and_knows_an_edit_from_outside(sandbox, conductor, switch, new_user, ann):
    """Before its creation there was nobody; what no API call changed is old news."""
    switch(list_lag_writes=1)
    conductor("POST", "/users", new_user())
    conductor("POST", f"/users/{ann}/accounts/3")
    sandbox.conductor.edit_user(ann, accounts=[7])

    assert [(ann, [7])] == [(user["email"], user["accounts"]) for user in conductor("GET", "/users").json()[1:]]


@pytest.mark.parametrize(("lag", "seen"), [(0.0, [[1, 2, 3]] * 2), (60.0, [[1, 2], [1, 2, 3]])])
def test_switch_list_lag_s(sandbox, conductor, switch, ann, lag, seen):
    """A list shows what was there so many seconds ago."""
    switch(list_lag_s=lag)
    conductor("POST", f"/users/{ann}/accounts/3")
    first = conductor("GET", "/users").json()[-1]["accounts"]
    sandbox.advance(61)

    assert seen == [first, conductor("GET", "/users").json()[-1]["accounts"]]


@pytest.mark.parametrize(("hides", "shown"), [(False, [1, 2]), (True, [])])
def test_switch_inactive_accounts_hidden(sandbox, conductor, switch, ann, hides, shown):
    """The accounts of an INACTIVE user are shown or left out, kept either way, and shown of an ACTIVE one."""
    switch(inactive_accounts_hidden=hides)
    active = conductor("GET", f"/users/{ann}").json()["accounts"]
    conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"})

    assert [1, 2] == active == sandbox.conductor.user(ann)["accounts"]
    assert shown == conductor("GET", f"/users/{ann}").json()["accounts"]
    assert shown == conductor("GET", "/users").json()[-1]["accounts"]
    assert shown == conductor("PUT", f"/users/{ann}/accounts?removal=false", {"accounts": [1]}).json()["accounts"]
