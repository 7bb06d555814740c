"""Accounts and users in Conductor as its page describes them."""

from __future__ import annotations

import pytest


def _emails(client):
    return [user["email"] for user in client("GET", "/users").json()]


def test_the_accounts_are_those_of_the_identity(conductor, log_in):
    """Each identity sees the accounts that it owns, with name and date."""
    mine = conductor("GET", "/accounts").json()
    theirs = log_in("other@sandbox.example")("GET", "/accounts").json()

    assert [account["account_id"] for account in mine] == list(range(1, 11))
    assert [account["account_id"] for account in theirs] == [99]
    assert mine[0].keys() == {"name", "account_id", "creation_date"}
    assert mine[0]["name"] == "Retail"


def test_the_list_has_who_shares_an_account(sandbox, conductor, log_in, ann):
    """Users of either status and the ADMIN are listed; who shares no account is not."""
    sandbox.conductor.put_user("gone@acme.example", status="INACTIVE")
    sandbox.conductor.put_user("far@acme.example", accounts=[99])

    assert _emails(conductor) == ["admin@sandbox.example", ann, "gone@acme.example"]
    assert _emails(log_in("other@sandbox.example")) == ["other@sandbox.example", "far@acme.example"]


def test_a_created_user_is_answered_whole(sandbox, conductor, new_user):
    """A create is a 201 with every field, and the next reads show the same."""
    created = conductor("POST", "/users", new_user(accounts=[2, 1, 2]), params={"send_email": "true"})

    expected = {**new_user(), "accounts": [1, 2], "status": "ACTIVE"}
    assert (created.status_code, created.json()) == (201, expected)
    assert conductor("GET", "/users/bob@acme.example").json() == expected
    assert conductor("GET", "/users/bob%40acme.example").json() == expected
    assert expected in conductor("GET", "/users").json()
    assert sandbox.conductor.user("bob@acme.example")["first_name"] == "Bob"


def test_an_existing_user_is_a_409_for_every_identity(sandbox, conductor, new_user, ann):
    """Neither one's own user nor an invisible one can be created again, and both stay as they are."""
    sandbox.conductor.put_user("far@acme.example", accounts=[99])
    before = sandbox.dump()

    for email in (ann, "far@acme.example"):
        assert conductor("POST", "/users", new_user(email)).status_code == 409
    assert sandbox.dump() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "bob@gmail.com"},
        {"email": "bob@GMail.com"},
        {"email": "not an email"},
        {"type": "ADMIN"},
        {"type": "BOSS"},
        {"view": "ALL"},
        {"status": "ASLEEP"},
        {"accounts": ["1"]},
        {"accounts": 1},
        {"sso_access": "no"},
        {"firstname": None},
    ],
)
def test_a_user_that_cannot_be_is_a_400(sandbox, conductor, new_user, fields):
    """Public mail providers, ADMINs and malformed bodies are refused, and nothing is created."""
    before = sandbox.dump()

    answer = conductor("POST", "/users", new_user(**fields))

    assert (answer.status_code, list(answer.json())) == (400, ["message"])
    assert sandbox.dump() == before


@pytest.mark.parametrize("missing", ["accounts", "email", "firstname", "lastname", "sso_access", "type", "view"])
def test_everything_but_the_status_is_required(conductor, new_user, missing):
    """A user that lacks a field is a 400."""
    body = new_user()
    del body[missing]

    assert conductor("POST", "/users", body).status_code == 400


def test_foreign_accounts_cannot_be_assigned_on_create(sandbox, conductor, new_user):
    """One account that the identity does not own spoils the create: 403, and no user."""
    assert conductor("POST", "/users", new_user(accounts=[1, 99])).status_code == 403
    assert "bob@acme.example" not in sandbox.conductor.users()


@pytest.mark.parametrize("path", ["", "/accounts"])
def test_a_user_that_is_not_there_is_a_404(conductor, path):
    """Reading nobody is a 404 in JSON."""
    answer = conductor("GET", f"/users/nobody@acme.example{path}")

    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_type_and_status_are_set(sandbox, conductor, ann):
    """The two endpoints answer what they set, and it is what reads show."""
    assert conductor("PUT", f"/users/{ann}/type", {"type": "STANDARD"}).json() == {"type": "STANDARD"}
    assert conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"}).json() == {"status": "INACTIVE"}

    read = conductor("GET", f"/users/{ann}").json()
    assert (read["type"], read["status"], read["accounts"]) == ("STANDARD", "INACTIVE", [1, 2])
    conductor("PUT", f"/users/{ann}/status", {"status": "ACTIVE"})
    assert sandbox.conductor.user(ann)["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", "ADMIN"), ("type", "BOSS"), ("type", None), ("status", "ASLEEP"), ("status", True)],
)
def test_other_types_and_statuses_are_a_400(conductor, ann, field, value):
    """ADMIN cannot be given, and words that are not known are refused."""
    assert conductor("PUT", f"/users/{ann}/{field}", {field: value}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/type", {"type": "STANDARD"}),
        ("PUT", "/status", {"status": "INACTIVE"}),
        ("POST", "/accounts", {"accounts": [1]}),
        ("PUT", "/accounts", {"accounts": [1]}),
        ("PUT", "/accounts/1", {}),
        ("POST", "/accounts/1", None),
        ("DELETE", "/accounts/1", None),
    ],
)
def test_admins_foreign_and_missing_users_cannot_be_managed(sandbox, conductor, method, path, body):
    """Every write to an ADMIN is a 403, to an invisible or a missing user a 404, and changes nothing."""
    sandbox.conductor.put_user("far@acme.example", accounts=[99])
    before = sandbox.dump()

    assert conductor(method, f"/users/admin@sandbox.example{path}", body).status_code == 403
    assert conductor(method, f"/users/far@acme.example{path}", body).status_code == 404
    assert conductor(method, f"/users/nobody@acme.example{path}", body).status_code == 404
    assert sandbox.dump() == before


def test_unknown_routes_are_a_404_in_json(conductor, link):
    """What neither API has is a 404 with a message, not a web page; a slash too many is another route."""
    for answer in (conductor("GET", "/people"), conductor("GET", "/users/"), link("GET", "/nothing")):
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_no_user_can_be_deleted(conductor, ann):
    """There is no verb that removes a user."""
    assert conductor("DELETE", f"/users/{ann}").status_code == 405
    assert conductor("GET", f"/users/{ann}").status_code == 200
