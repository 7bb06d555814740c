"""Switches about verbs, paths, statuses and error shapes, so that `verify` can be tried on many APIs."""

from __future__ import annotations

import pytest

from pulumi_conduit.sandbox import MistakeError, Sandbox, Switches
from pulumi_conduit.sandbox.switches import parse

TYPE = "PUT /users/{userEmail}/type"
MOVED = f"{TYPE}=PATCH /v1/user/{{userEmail}}/kind/; GET /users/{{userEmail}}=GET /v1/user/{{userEmail}}/"


def test_switch_routes(sandbox, conductor, switch, ann):
    """A moved operation is served at its new verb and path, and the old ones are unknown."""
    switch(routes=MOVED)

    assert conductor("PATCH", f"/v1/user/{ann}/kind/", {"type": "STANDARD"}).json() == {"type": "STANDARD"}
    assert conductor("GET", f"/v1/user/{ann}/").json()["type"] == "STANDARD"
    assert conductor("GET", f"/users/{ann}").status_code == 404
    assert conductor("PUT", f"/v1/user/{ann}/kind/", {"type": "STANDARD"}).status_code == 405
    assert conductor("GET", "/users").status_code == 200


def test_a_moved_route_is_logged_as_it_was_asked_for_and_counted_as_documented(sandbox, conductor, switch, ann):
    """So that faults, counters and tests name one operation, wherever it is."""
    switch(routes=MOVED)

    conductor("PATCH", f"/v1/user/{ann}/kind/", {"type": "STANDARD"})
    conductor("PUT", f"/users/{ann}/type", {"type": "READ_ONLY"})

    shown = [(entry["method"], entry["path"], entry["route"], entry["status"]) for entry in sandbox.requests]
    assert shown == [("PATCH", f"/v1/user/{ann}/kind/", TYPE, 200), ("PUT", f"/users/{ann}/type", None, 404)]
    assert sandbox.count(TYPE) == 1


def test_a_literal_segment_goes_before_a_placeholder(conductor, switch):
    """A list at /users/list is not the user `list`."""
    switch(routes="GET /users=GET /users/list")

    assert isinstance(conductor("GET", "/users/list").json(), list)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("GET /nowhere=GET /x", "there is no route 'GET /nowhere'"),
        ("GET /users", "is not of the form VERB /path=VERB /other/path"),
        ("GET /users=HEAD /users", "is not of the form VERB /path=VERB /other/path"),
        ("GET /users=GET users", "is not of the form VERB /path=VERB /other/path"),
        ("POST /link/company/=POST /company/", "with a route of Conductor first"),
        (f"{TYPE}=PUT /users/type", "both paths must have the same placeholders"),
        ("GET /users=GET /accounts", "two operations would be served at GET /accounts"),
    ],
)
def test_moves_that_cannot_be_are_refused(text, reason):
    """Before a sandbox starts with them."""
    with pytest.raises(MistakeError, match=r"switch 'routes'") as caught:
        parse([f"routes={text}"])

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("position", "path_unknown", "verb_unknown"),
    [
        ("standard", 404, 405),
        ("not_found", 404, 404),
        ("not_allowed", 405, 405),
        ("not_implemented", 501, 501),
        ("bad_request", 400, 400),
        ("forbidden", 403, 403),
    ],
)
def test_switch_unknown_route(conductor, switch, position, path_unknown, verb_unknown):
    """A path that is not there, and a verb that is not, are refused by the statuses of the switch."""
    switch(unknown_route=position)

    assert conductor("GET", "/nowhere").status_code == path_unknown
    assert conductor("DELETE", "/users").status_code == verb_unknown


def test_an_unknown_route_may_be_a_web_page(conductor, switch):
    """As from a site that shows its start page for every path."""
    switch(unknown_route="page")

    answer = conductor("GET", "/nowhere")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_switch_write_status(conductor, link, switch, new_user, status):
    """Writes that succeed have this status, reads and refusals their own."""
    switch(write_status=status)

    assert conductor("POST", "/users", new_user()).status_code == status
    assert conductor("POST", "/users", new_user()).status_code == 409
    assert link("POST", "/link/company/", {"id": "A"}).status_code == status
    assert conductor("GET", "/users").status_code == 200


def test_a_write_without_content_has_no_body(conductor, switch, ann):
    """And the connection can be used again."""
    switch(write_status=204)

    answer = conductor("PUT", f"/users/{ann}/type", {"type": "STANDARD"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert conductor("GET", f"/users/{ann}").json()["type"] == "STANDARD"


@pytest.mark.parametrize(("position", "opening"), [("access", {"a"}), ("id", {"i"}), ("both", {"a", "i"})])
def test_switch_bearer(sandbox, connect, switch, position, opening):
    """The API is opened by one of the login's tokens, or by either."""
    switch(bearer=position)
    credentials = {"username": "admin@sandbox.example", "password": sandbox.conductor.password()}
    answer = connect(sandbox.conductor_url)("POST", "/login", credentials).json()
    tokens = {"a": answer["accessToken"], "i": answer["idToken"], "r": answer["refreshToken"]}

    answers = {name: connect(sandbox.conductor_url, token)("GET", "/users") for name, token in tokens.items()}
    found = {name for name, one in answers.items() if one.status_code == 200}

    assert found == opening


@pytest.mark.parametrize(
    ("shape", "kind", "start"),
    [
        ("error", "application/json", '{"error":"'),
        ("nested", "application/json", '{"error":{"code":404,"message":"'),
        ("text", "text/plain; charset=utf-8", "There is no"),
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
        ("empty", None, ""),
    ],
)
def test_switch_error_shape(conductor, switch, shape, kind, start):
    """A refusal has the shape of the switch."""
    switch(error_shape=shape)

    answer = conductor("GET", "/users/nobody@acme.example")

    assert (answer.status_code, answer.headers.get("content-type")) == (404, kind)
    assert answer.text.startswith(start)


def test_a_company_that_exists_may_be_refused_or_ignored(sandbox, link, switch):
    """Neither changes it."""
    before = sandbox.link.put_company("A", name="old")

    switch(company_create_existing="refused")
    assert link("POST", "/link/company/", {"id": "A", "name": "new"}).status_code == 400
    switch(company_create_existing="ignored")
    assert link("POST", "/link/company/", {"id": "A", "name": "new"}).json()["name"] == "old"
    assert sandbox.link.company("A") == before


def test_moves_survive_a_restart(tmp_path):
    """They are stored as they were given."""
    with Sandbox.start(switches=Switches(routes=MOVED), file=tmp_path / "s.sqlite"):
        pass
    with Sandbox.start(file=tmp_path / "s.sqlite") as again:
        assert again.switches.routes == MOVED
