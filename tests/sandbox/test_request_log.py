"""The log of requests: what is in it, and what must never be."""

from __future__ import annotations

import pytest

from pulumi_conduit.sandbox import MistakeError
from pulumi_conduit.sandbox.http.app import build_apis
from pulumi_conduit.sandbox.routes import ROUTES


def test_a_request_is_logged_with_its_route_status_and_asker(sandbox, conductor, link, ann):
    """Each entry says what was asked, by whom and how it ended."""
    conductor("PUT", f"/users/{ann}/accounts?removal=true", {"accounts": [2]})
    link("GET", "/link/company/NONE/")

    first, second = sandbox.requests
    assert first == {
        "seq": first["seq"],
        "api": "conductor",
        "method": "PUT",
        "path": f"/users/{ann}/accounts",
        "route": "PUT /users/{userEmail}/accounts",
        "query": {"removal": "true"},
        "status": 200,
        "who": "admin@sandbox.example",
    }
    assert (second["seq"] - first["seq"], second["api"], second["status"]) == (1, "link", 404)
    assert (second["route"], second["who"]) == ("GET /link/company/{id}/", "default")


def test_no_credential_reaches_the_log_or_the_dump(sandbox, connect, log_in, link):
    """Passwords and tokens are nowhere, also not of a failed login or in a query."""
    client = log_in()
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    password = sandbox.conductor.password()
    connect(sandbox.conductor_url)("POST", "/login", {"username": password, "password": "x"})
    minted = link("POST", "/link/company/", {"id": "A"}).json()["api_token"]["token"]
    client("GET", f"/users?token={token}&password={password}")

    shown = f"{sandbox.requests}{sandbox.dump()}"
    for secret in (token, password, sandbox.link.app_token(), minted):
        assert secret not in shown
    assert sandbox.requests[-1]["query"] == {"token": "…", "password": "…"}


def test_counts_are_by_route(sandbox, conductor, link, log_in):
    """Counters name verb and template; logins count, unknown routes and the operator do not."""
    log_in()
    for email in ("a@acme.example", "b@acme.example"):
        conductor("GET", f"/users/{email}")
    link("GET", "/nothing")

    assert sandbox.counts() == {"POST /login": 1, "GET /users/{userEmail}": 2}
    assert sandbox.count("GET /users/{userEmail}") == 2
    assert sandbox.count("GET /users") == 0


def test_counting_a_misspelled_route_is_a_mistake(sandbox):
    """A typo would count nothing and so prove nothing."""
    with pytest.raises(MistakeError, match="there is no route 'GET /user'"):
        sandbox.count("GET /user")


def test_writes_are_what_asks_for_a_change(sandbox, conductor, log_in, ann, new_user):
    """Reads and logins are no writes; a refused change is one."""
    log_in()
    conductor("GET", "/users")
    conductor("POST", "/users", new_user(ann))
    conductor("DELETE", f"/users/{ann}/accounts/1")

    assert [(entry["method"], entry["status"]) for entry in sandbox.writes()] == [("POST", 409), ("DELETE", 200)]


def test_forgetting_requests_keeps_the_state(sandbox, conductor, ann):
    """The log is emptied and numbers go on; users stay."""
    conductor("GET", "/users")
    last = sandbox.requests[-1]["seq"]

    sandbox.forget_requests()

    assert (sandbox.requests, sandbox.counts()) == ([], {})
    conductor("GET", "/users")
    assert sandbox.requests[0]["seq"] == last + 1
    assert ann in sandbox.conductor.users()


def test_the_log_knows_every_route_that_is_served():
    """The table of routes and the endpoints are one list: an endpoint outside it would escape counters and faults."""
    paths = build_apis().openapi()["paths"]
    served = {(verb.upper(), path) for path, verbs in paths.items() for verb in verbs if "/_sandbox" not in path}

    prefixes = {"link": "", "conductor": "/conductor"}
    assert {(route.method, prefixes[route.api] + route.template) for route in ROUTES} == served
