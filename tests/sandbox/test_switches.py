"""Switches about what the rules allow, in each of their positions; those about logins are with the logins."""

from __future__ import annotations

import pytest

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
    """An email in another case is the same user, shown as it is in the API, or another one."""
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


@pytest.mark.parametrize(("leaves", "status"), [(False, "ACTIVE"), (True, "INACTIVE")])
def test_switch_post_leaves_inactive(conductor, switch, new_user, leaves, status):
    """A new user has the status that was asked for, or is INACTIVE, and the answer says so."""
    switch(post_leaves_inactive=leaves)

    assert conductor("POST", "/users", new_user(status="ACTIVE")).json()["status"] == status
    assert conductor("GET", "/users/bob@acme.example").json()["status"] == status


@pytest.mark.parametrize(
    ("form", "name"), [("kept", " Zoe\u0308 "), ("trimmed", "Zoe\u0308"), ("composed", " Zo\u00eb ")]
)
def test_switch_names(conductor, link, switch, new_user, form, name):
    """Names of users and companies are kept as sent, trimmed, or composed, at a creation and at an edit."""
    switch(names=form)
    user = conductor("POST", "/users", new_user(firstname=" Zoe\u0308 ", lastname="B")).json()
    created = link("POST", "/link/company/", {"id": "A", "name": " Zoe\u0308 "}).json()
    edited = link("POST", "/link/company/A/", {"name": " Zoe\u0308 "}).json()

    assert [name, "B", name, name] == [user["firstname"], user["lastname"], created["name"], edited["name"]]
