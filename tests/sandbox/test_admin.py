"""The operator's endpoints: everything that Python can edit, over HTTP."""

from __future__ import annotations

import pytest


def test_the_handshake_names_a_sandbox_and_its_start(sandbox, operator):
    """The marker is there, with an id of this start, and no redirect is needed."""
    answer = operator("GET", "/", allow_redirects=False)

    assert (answer.status_code, answer.json()) == (
        200,
        {"sandbox": "pulumi-conduit", "version": 1, "process": sandbox.process_id},
    )


def test_users_are_put_edited_and_removed(sandbox, operator):
    """Each edit answers the user as it is then."""
    put = operator("PUT", "/users/ann@acme.example", {"first_name": "Ann", "accounts": [3]}).json()
    edited = operator("PATCH", "/users/ann@acme.example", {"status": "INACTIVE"}).json()

    assert (put["first_name"], put["accounts"], put["status"]) == ("Ann", [3], "ACTIVE")
    assert edited == {**put, "status": "INACTIVE"} == sandbox.conductor.user("ann@acme.example")
    assert operator("DELETE", "/users/ann@acme.example").status_code == 204
    assert "ann@acme.example" not in sandbox.conductor.users()


def test_companies_and_link_apps_are_edited(sandbox, operator):
    """A Link APP is added and rotated; its companies come, change and go."""
    token = operator("PUT", "/apps/c", {}).json()["token"]
    operator("PUT", "/apps/c/companies/A", {"name": "old"})
    operator("PATCH", "/apps/c/companies/a", {"name": "new", "page_enabled": False})

    company = sandbox.link.company("A", app="c")
    assert (company["name"], company["page_enabled"]) == ("new", False)
    assert operator("POST", "/apps/c/rotate").json()["token"] != token
    assert operator("DELETE", "/apps/c/companies/A").status_code == 204
    assert sandbox.link.companies("c") == {}


def test_accounts_and_identities_are_edited(sandbox, operator, conductor):
    """Accounts and identities are added, changed, and logged out."""
    assert operator("PUT", "/accounts/11", {"name": "Eleven"}).status_code == 204
    assert operator("PUT", "/identities/new@x.example", {"password": "pw", "accounts": [11]}).status_code == 204
    assert operator("PATCH", "/identities/new@x.example", {"accounts": [1]}).status_code == 204
    assert operator("DELETE", "/sessions").status_code == 204

    assert sandbox.conductor.accounts()[11] == "Eleven"
    assert sandbox.conductor.identities()["new@x.example"] == [1]
    assert conductor("GET", "/users").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/users/a@x.example", {"frist_name": "A"}),
        ("PATCH", "/users/admin@sandbox.example", {"status": "OFF"}),
        ("PATCH", "/users/nobody@x.example", {"status": "ACTIVE"}),
        ("PUT", "/apps/default/companies/A", {"pageEnabled": True}),
        ("PATCH", "/switches", {"raed_lag": 1}),
        ("POST", "/faults", {"route": "GET /user", "status": 500}),
        ("POST", "/faults", {"stauts": 500}),
        ("POST", "/clock", {"advance_s": -1}),
    ],
)
def test_a_typo_is_a_400_and_changes_nothing(sandbox, operator, method, path, body):
    """Unknown names and values are refused with a message."""
    before = sandbox.dump()

    answer = operator(method, path, body)

    assert (answer.status_code, list(answer.json())) == (400, ["message"])
    assert (sandbox.dump(), sandbox.faults.armed()) == (before, [])


def test_switches_are_read_and_set(sandbox, operator):
    """Setting one leaves the others."""
    operator("PATCH", "/switches", {"list_limit": 5})
    answer = operator("PATCH", "/switches", {"read_lag": 2}).json()

    assert (answer["list_limit"], answer["read_lag"]) == (5, 2)
    assert operator("GET", "/switches").json() == answer
    assert sandbox.switches.read_lag == 2


def test_faults_are_armed_shown_and_cleared(operator, conductor):
    """A fault armed over HTTP strikes, and shows that it did."""
    assert operator("POST", "/faults", {"route": "GET /users", "status": 503}).status_code == 201

    assert conductor("GET", "/users").status_code == 503
    assert operator("GET", "/faults").json()[0]["struck"] == 1
    operator("DELETE", "/faults")
    assert operator("GET", "/faults").json() == []


def test_the_log_is_read_and_cleared(sandbox, operator, conductor):
    """The operator sees the log and the counts, and is in neither."""
    conductor("GET", "/users")

    assert operator("GET", "/counts").json() == {"GET /users": 1}
    assert operator("GET", "/requests").json() == sandbox.requests
    operator("DELETE", "/requests")
    assert sandbox.requests == []


def test_state_reset_and_clock(sandbox, operator, conductor, ann):
    """The whole state is shown and reset, and time can be pushed until tokens expire."""
    assert ann in operator("GET", "/state").json()["users"]
    assert operator("GET", "/state").json() == sandbox.dump()
    assert operator("POST", "/clock", {"advance_s": 86401}).status_code == 204
    assert conductor("GET", "/users").status_code == 401
    assert ann not in operator("POST", "/reset").json()["users"]


def test_both_apis_are_documented(operator, sandbox, connect):
    """The schema names their operations; no page shows it, for that would load a script from elsewhere."""
    root = connect(sandbox.link_url)

    assert [root("GET", page).status_code for page in ("/docs", "/redoc")] == [404, 404]
    paths = root("GET", "/openapi.json").json()["paths"]
    assert {"/link/company/{id}/", "/conductor/users/{userEmail}/accounts/{accountId}"} <= paths.keys()
