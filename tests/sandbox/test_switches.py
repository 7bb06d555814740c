"""Every switch in each of its positions; those about logins are tested with the logins."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import MistakeError, Switches
from pulumi_conduit.sandbox.switches import as_json, parse

BOTH = "both@acme.example"


@pytest.fixture
def both(sandbox):
    """Put a user who holds an account of the identity and a foreign one."""
    return sandbox.conductor.put_user(BOTH, accounts=[1, 99])["email"]


@pytest.mark.parametrize(("position", "status", "name"), [("conflict", 409, "old"), ("overwrite", 200, "new")])
def test_switch_company_create_existing(sandbox, link, switch, position, status, name):
    """Creating an existing company is refused, or overwrites name and page and keeps the rest."""
    switch(company_create_existing=position)
    before = sandbox.link.put_company("A", name="old")

    assert link("POST", "/link/company/", {"id": "a", "name": "new"}).status_code == status
    assert sandbox.link.company("A") == {**before, "name": name}


@pytest.mark.parametrize(("voids", "opens"), [(False, "default/a"), (True, None)])
def test_switch_new_company_token_voids_old(sandbox, link, switch, voids, opens):
    """Minting a token leaves the one before, or voids it; another company's stays either way."""
    switch(new_company_token_voids_old=voids)
    other = link("POST", "/link/company/", {"id": "B"}).json()["api_token"]["token"]
    first = link("POST", "/link/company/", {"id": "A"}).json()["api_token"]["token"]
    second = link("GET", "/link/company/A/").json()["api_token"]["token"]

    tokens = (first, second, other)
    assert [sandbox.link.token_opens(token) for token in tokens] == [opens, "default/a", "default/b"]


@pytest.mark.parametrize(
    ("position", "read", "write"),
    [("missing", 404, 404), ("forbidden", 403, 403), ("visible", 200, 403)],
)
def test_switch_unshared_user(sandbox, conductor, switch, position, read, write):
    """Who shares no account is missing, forbidden, or readable; managed never, listed never."""
    switch(unshared_user=position)
    sandbox.conductor.put_user("far@acme.example", accounts=[99])

    assert conductor("GET", "/users/far@acme.example").status_code == read
    assert conductor("GET", "/users/far@acme.example/accounts").status_code == read
    assert conductor("PUT", "/users/far@acme.example/status", {"status": "INACTIVE"}).status_code == write
    assert len(conductor("GET", "/users").json()) == 1


@pytest.mark.parametrize(("accepted", "created", "replaced"), [(True, 201, 200), (False, 400, 400)])
def test_switch_empty_accounts_accepted(conductor, switch, new_user, ann, accepted, created, replaced):
    """An empty list is accepted by create and replace, or refused; removing the last one works either way."""
    switch(empty_accounts_accepted=accepted)

    assert conductor("POST", "/users", new_user(accounts=[])).status_code == created
    assert conductor("POST", f"/users/{ann}/accounts", {"accounts": []}).status_code == replaced


def test_removing_the_last_account_needs_no_switch(conductor, switch, ann):
    """A removal that leaves nothing is no empty list."""
    switch(empty_accounts_accepted=False)

    assert conductor("PUT", f"/users/{ann}/accounts?removal=true", {"accounts": [1, 2]}).json() == {"accounts": []}


@pytest.mark.parametrize(("keeps", "accounts"), [(True, [1, 2]), (False, [])])
def test_switch_inactive_keeps_grants(conductor, switch, ann, keeps, accounts):
    """A deactivated user keeps its grants or loses them for good, and is listed and reactivated either way."""
    switch(inactive_keeps_grants=keeps)

    conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"})
    assert conductor("GET", "/users").json()[-1]["accounts"] == accounts
    assert conductor("PUT", f"/users/{ann}/status", {"status": "ACTIVE"}).status_code == 200
    assert conductor("GET", f"/users/{ann}").json()["accounts"] == accounts


@pytest.mark.parametrize(
    ("position", "status", "accounts"),
    [("yes", 200, [2, 3]), ("refused", 403, [1, 2]), ("removal_ignored", 200, [1, 2, 3])],
)
@pytest.mark.parametrize("way", ["one by one", "replace"])
def test_switch_inactive_grants_editable(sandbox, conductor, switch, position, status, accounts, way):
    """The grants of an INACTIVE user change, or are refused, or only grow."""
    switch(inactive_grants_editable=position)
    path = (
        f"/users/{sandbox.conductor.put_user('i@acme.example', status='INACTIVE', accounts=[1, 2])['email']}/accounts"
    )

    if way == "replace":
        answers = [conductor("POST", path, {"accounts": [2, 3]})]
    else:
        answers = [conductor("POST", f"{path}/3"), conductor("DELETE", f"{path}/1")]

    assert {answer.status_code for answer in answers} == {status}
    assert sandbox.conductor.user("i@acme.example")["accounts"] == accounts


@pytest.mark.parametrize(("honours", "status"), [(True, "INACTIVE"), (False, "ACTIVE")])
def test_switch_post_honours_status(conductor, switch, new_user, honours, status):
    """A create with a status has it, or makes an ACTIVE user all the same."""
    switch(post_honours_status=honours)

    assert conductor("POST", "/users", new_user(status="INACTIVE")).json()["status"] == status
    assert conductor("GET", "/users/bob@acme.example").json()["status"] == status


@pytest.mark.parametrize(("insensitive", "read", "created"), [(True, 200, 409), (False, 404, 201)])
def test_switch_emails_case_insensitive(conductor, switch, new_user, ann, insensitive, read, created):
    """An email in another case is the same user, shown as it lives, or another one."""
    switch(emails_case_insensitive=insensitive)

    answer = conductor("GET", f"/users/{ann.upper()}")
    assert answer.status_code == read
    assert answer.json().get("email") in {ann, None}
    assert conductor("POST", "/users", new_user(ann.upper())).status_code == created


@pytest.mark.parametrize(("hides", "shown"), [(False, [1, 99]), (True, [1])])
def test_switch_hide_foreign_accounts(sandbox, conductor, switch, both, hides, shown):
    """Foreign accounts are in every answer or in none, and stay the user's."""
    switch(hide_foreign_accounts=hides)

    assert conductor("GET", f"/users/{both}").json()["accounts"] == shown
    assert conductor("GET", f"/users/{both}/accounts").json()["accounts"] == shown
    assert conductor("GET", "/users").json()[-1]["accounts"] == shown
    assert conductor("POST", f"/users/{both}/accounts/1").json()["accounts"] == shown
    assert sandbox.conductor.user(both)["accounts"] == [1, 99]


@pytest.mark.parametrize(("drops", "accounts"), [(False, [2, 99]), (True, [2])])
def test_switch_replace_drops_foreign(sandbox, conductor, switch, both, drops, accounts):
    """Replacing a list leaves foreign accounts alone, or takes them."""
    switch(replace_drops_foreign=drops)

    conductor("POST", f"/users/{both}/accounts", {"accounts": [2]})

    assert sandbox.conductor.user(both)["accounts"] == accounts


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
    """Two writes in a row do not make the middle state appear: sight never goes back and forth."""
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
    """More calls than the limit within a second are told to wait; a second later they pass."""
    client = log_in()
    sandbox.advance(2)
    mocker.patch("pulumi_conduit.sandbox.rules.clock.time.time", return_value=2e9)
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


def test_every_switch_is_tested():
    """A switch without a test of its positions would be a promise only."""
    text = Path(__file__).read_text()
    elsewhere = {"new_login_voids_tokens", "token_life_s"}
    named = {field.name for field in dataclasses.fields(Switches) if f"switch({field.name}=" in text}

    assert named | elsewhere == {field.name for field in dataclasses.fields(Switches)}


def test_switches_are_read_from_name_and_value():
    """Text becomes the switch's own type; `none` is no limit."""
    parsed = parse(["read_lag=2", "inactive_keeps_grants=false", "list_limit=none", "unshared_user=visible"])

    assert parsed == Switches(read_lag=2, inactive_keeps_grants=False, unshared_user="visible")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("read_lag", "switch 'read_lag' is not of the form name=value"),
        ("raed_lag=1", "switch 'raed_lag': unexpected keyword argument"),
        ("read_lag=-1", "switch 'read_lag': input should be greater than or equal to 0"),
        ("unshared_user=maybe", "switch 'unshared_user': input should be 'missing', 'forbidden' or 'visible'"),
        ("latency_s=inf", "switch 'latency_s': input should be a finite number"),
    ],
)
def test_a_wrong_switch_is_a_mistake_in_one_line(setting, reason):
    """A typo in a switch is told by name."""
    with pytest.raises(MistakeError) as caught:
        parse([setting])

    assert str(caught.value) == reason


def test_the_defaults_are_the_kindest_reading():
    """Whoever sets nothing meets APIs that are whole, prompt and forgiving."""
    defaults = as_json(Switches())

    assert defaults == {
        "company_create_existing": "conflict",
        "new_company_token_voids_old": False,
        "unshared_user": "missing",
        "empty_accounts_accepted": True,
        "inactive_keeps_grants": True,
        "inactive_grants_editable": "yes",
        "post_honours_status": True,
        "emails_case_insensitive": True,
        "hide_foreign_accounts": False,
        "replace_drops_foreign": False,
        "list_limit": None,
        "read_lag": 0,
        "get_user_carries_status": True,
        "new_login_voids_tokens": False,
        "token_life_s": 86400,
        "error_shape": "message",
        "latency_s": 0.0,
        "rate_limit_per_s": None,
    }
