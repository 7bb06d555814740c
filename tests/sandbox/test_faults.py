"""Faults: which requests they strike, and what a client then meets on the wire."""

from __future__ import annotations

import threading

import pytest
import requests

from pulumi_conduit.sandbox import MistakeError


def test_a_status_fault_answers_instead_of_the_api(sandbox, conductor, new_user):
    """A status with headers and body is answered, and the request has no effect."""
    fault = sandbox.faults.add("POST /users", status=503, headers={"Retry-After": "7"}, body={"message": "later"})

    answer = conductor("POST", "/users", new_user())

    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "7", {"message": "later"})
    assert "bob@acme.example" not in sandbox.conductor.users()
    assert fault.struck == 1


def test_a_status_fault_can_come_after_the_effect(sandbox, conductor, new_user):
    """With `handled` the mutation happens, and the client gets a failure."""
    sandbox.faults.add("POST /users", status=500, handled=True)

    assert conductor("POST", "/users", new_user()).status_code == 500
    assert "bob@acme.example" in sandbox.conductor.users()


def test_a_fault_strikes_after_and_as_often_as_it_says(sandbox, conductor):
    """The first pass, then so many are struck, then all pass again."""
    fault = sandbox.faults.add("GET /users", status=500, after=1, times=2)

    statuses = [conductor("GET", "/users").status_code for _ in range(5)]

    assert statuses == [200, 500, 500, 200, 200]
    assert (fault.seen, fault.struck) == (5, 2)


def test_a_fault_without_times_lasts_until_cleared(sandbox, conductor):
    """`times=None` strikes for ever; clearing disarms it."""
    sandbox.faults.add("GET /users", status=500, times=None)

    assert {conductor("GET", "/users").status_code for _ in range(3)} == {500}
    sandbox.faults.clear()
    assert conductor("GET", "/users").status_code == 200


def test_a_fault_strikes_its_route_and_path_only(sandbox, conductor, ann):
    """Another verb, another route or another path of the same route pass."""
    sandbox.conductor.put_user("joe@acme.example")
    fault = sandbox.faults.add("GET /users/{userEmail}", path="ann@", status=500, times=None)

    requested = ["/users", f"/users/{ann}", "/users/joe@acme.example", f"/users/{ann}/accounts"]

    assert [conductor("GET", path).status_code for path in requested] == [200, 500, 200, 200]
    assert fault.struck == 1


def test_a_fault_without_a_route_strikes_both_apis(sandbox, conductor, link):
    """No route means every route, and even paths that have none."""
    sandbox.faults.add(status=500, times=None)

    answers = [conductor("GET", "/users"), link("GET", "/link/company/A/"), link("GET", "/nothing")]

    assert [answer.status_code for answer in answers] == [500, 500, 500]


def test_a_drop_before_loses_the_request(sandbox, conductor, new_user):
    """The connection is reset and nothing was done; the next connection works."""
    sandbox.faults.add("POST /users", drop="before")

    with pytest.raises(requests.ConnectionError):
        conductor("POST", "/users", new_user())

    assert "bob@acme.example" not in sandbox.conductor.users()
    assert conductor("POST", "/users", new_user()).status_code == 201


def test_a_drop_after_loses_the_answer(sandbox, conductor, new_user):
    """The connection is reset once the user is there; the log shows no status."""
    sandbox.faults.add("POST /users", drop="after")

    with pytest.raises(requests.ConnectionError):
        conductor("POST", "/users", new_user())

    assert "bob@acme.example" in sandbox.conductor.users()
    assert sandbox.requests[-1]["status"] is None
    assert conductor("POST", "/users", new_user()).status_code == 409


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_drop_on_a_used_connection_reaches_the_client(sandbox, conductor, drop):
    """Drops work again and again, also on connections that are kept alive, and leave no trace in the server's log."""
    sandbox.faults.add("GET /users", drop=drop, after=1, times=None)
    conductor("GET", "/users")

    for _ in range(20):
        with pytest.raises(requests.ConnectionError):
            conductor("GET", "/users")
        assert conductor("GET", "/accounts").status_code == 200


def test_a_drop_is_silent_in_the_servers_log(sandbox, conductor, caplog):
    """The server does not take a drop for an app that forgot to answer."""
    sandbox.faults.add("GET /users", drop="before")

    with pytest.raises(requests.ConnectionError):
        conductor("GET", "/users")
    conductor("GET", "/users")

    assert [
        record for record in caplog.records if record.name.startswith("uvicorn") and record.levelname == "ERROR"
    ] == []


@pytest.mark.parametrize(
    ("garbage", "content_type"),
    [("html", "text/html"), ("empty", "application/json"), ("truncated", "application/json")],
)
def test_garbage_is_a_200_that_is_no_json(sandbox, conductor, new_user, garbage, content_type):
    """A web page, nothing, or half of the answer: each after the request had its effect."""
    sandbox.faults.add("POST /users", garbage=garbage)

    answer = conductor("POST", "/users", new_user())

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(content_type)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert "bob@acme.example" in sandbox.conductor.users()


def test_garbage_of_the_wrong_shape_is_json_all_the_same(sandbox, conductor):
    """An answer can parse and still make no sense."""
    sandbox.faults.add("GET /users", garbage="wrong_shape")

    assert conductor("GET", "/users").json() == {"unexpected": ["shape"]}


def test_a_delay_answers_late(sandbox, conductor):
    """A delayed request takes that long, and then is answered as ever."""
    sandbox.faults.add("GET /users", delay_s=0.2)

    answer = conductor("GET", "/users")

    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2


def test_a_hook_holds_a_request_until_the_test_releases_it(sandbox, conductor):
    """While one request waits in its hook, others are answered."""
    let_go, waiting = threading.Event(), threading.Event()

    def hold():
        waiting.set()
        assert let_go.wait(30)

    sandbox.faults.add("GET /users", hook=hold)
    held = threading.Thread(target=conductor, args=("GET", "/users"))
    held.start()

    assert waiting.wait(30)
    assert conductor("GET", "/accounts").status_code == 200
    assert [entry["status"] for entry in sandbox.requests] == [None, 200]
    let_go.set()
    held.join()
    assert [entry["status"] for entry in sandbox.requests] == [200, 200]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"route": "GET /user"}, "there is no route 'GET /user'"),
        ({"path": "("}, "is not a regular expression"),
        ({"drop": "during"}, "a fault's drop is one of before, after"),
        ({"garbage": "pdf"}, "a fault's garbage is one of html, empty, truncated, wrong_shape"),
        ({"status": 500, "drop": "before"}, "one of status, drop and garbage"),
        ({"handled": True}, "go with a status"),
        ({"times": 0}, "its times is 1 or more"),
        ({"status": 99}, "99 is not a valid response status"),
    ],
)
def test_a_fault_that_could_not_strike_is_a_mistake(sandbox, how, reason):
    """A typo in a fault fails when it is armed, not silently later."""
    with pytest.raises(MistakeError, match=reason):
        sandbox.faults.add(**how)

    assert sandbox.faults.armed() == []


def test_the_operator_is_never_struck(sandbox, operator):
    """Faults and limits are for the APIs: whoever armed them can still disarm them."""
    sandbox.faults.add(drop="before", times=None)

    assert operator("DELETE", "/faults").status_code == 204
    assert sandbox.faults.armed() == []
