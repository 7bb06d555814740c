"""The console's log: every request and every edit from outside, each with what it changed."""

from __future__ import annotations

import threading

import pytest


def event_text(event):
    """Return what an event says of itself, without its number and time."""
    return (event["api"], event["method"], event["path"], event["status"], event["changes"])


def change(kind, name, what, /, **fields):
    """Return a change as the view has it."""
    pairs = {field: list(pair) for field, pair in fields.items()}
    return {"kind": kind, "name": name, "what": what, "fields": pairs}


def test_an_event_says_what_it_changed(events, conductor, link, ann, whole):
    """Each request is there with its answer and, if it had an effect, with what was before and is now."""
    conductor("PUT", f"/users/{ann}/accounts?removal=true", {"accounts": [2]})
    conductor("PUT", f"/users/{ann}/type", {"type": "READ_ONLY"})
    conductor("PUT", "/users/none@acme.example/type", {"type": "STANDARD"})
    link("POST", "/link/company/", {"id": "Acme", "name": "A"})
    whole("PATCH", f"/_sandbox/users/{ann}", {"status": "INACTIVE"})
    whole("DELETE", f"/_sandbox/users/{ann}")

    assert [
        (
            "conductor",
            "PUT",
            f"/users/{ann}/accounts",
            200,
            [change("user", ann, "edited", accounts=[[1, 2], [1]])],
        ),
        ("conductor", "PUT", f"/users/{ann}/type", 200, []),
        ("conductor", "PUT", "/users/none@acme.example/type", 404, []),
        (
            "link",
            "POST",
            "/link/company/",
            200,
            [change("company", "Acme", "created", name=[None, "A"], page_enabled=[None, True])],
        ),
        (
            "outside",
            "PATCH",
            f"/_sandbox/users/{ann}",
            200,
            [change("user", ann, "edited", status=["ACTIVE", "INACTIVE"])],
        ),
    ] == [event_text(event) for event in events()[-6:-1]]
    last = events()[-1]
    assert ("DELETE", 204, "removed", True) == (
        last["method"],
        last["status"],
        last["changes"][0]["what"],
        last["is_over"],
    )


def test_an_edit_by_python_is_an_event_of_its_own(sandbox, events):
    """It has neither method nor path, and is over at once."""
    sandbox.conductor.add_account(50, "Fifty")

    assert [("outside", "", "", None, [change("account", "50", "created", name=[None, "Fifty"])])] == [
        event_text(event) for event in events()
    ]
    assert events()[0]["is_over"]


def test_requests_side_by_side_keep_their_changes_apart(sandbox, events, conductor, log_in, ann):
    """What another request changes in the meantime is not this one's doing."""
    entered, go_on = threading.Event(), threading.Event()

    def wait():
        entered.set()
        assert go_on.wait(30)

    sandbox.faults.add("PUT /users/{userEmail}/type", hook=wait)
    slow = log_in()
    thread = threading.Thread(target=slow, args=("PUT", f"/users/{ann}/type", {"type": "STANDARD"}))
    thread.start()
    assert entered.wait(30)
    conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"})
    assert [None, 200] == [event["status"] for event in events()[-2:]]
    go_on.set()
    thread.join(30)

    assert [
        [change("user", ann, "edited", type=["READ_ONLY", "STANDARD"])],
        [change("user", ann, "edited", status=["ACTIVE", "INACTIVE"])],
    ] == [event["changes"] for event in events()[-2:]]


def test_a_request_that_was_cut_off_is_logged_with_its_effect(sandbox, events, conductor, ann):
    """It is over, has no status, and what it did is there."""
    sandbox.faults.add("PUT /users/{userEmail}/status", drop="after")
    with pytest.raises(OSError, match="Connection"):
        conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"})

    last = events()[-1]
    assert (None, True, ["edited"]) == (last["status"], last["is_over"], [each["what"] for each in last["changes"]])


def test_a_flood_is_cut_short(sandbox, events, whole):
    """The latest 300 events are kept, and a reset forgets all."""
    for index in range(310):
        sandbox.conductor.put_user(f"user{index}@acme.example")

    assert (300, "user309@acme.example") == (len(events()), events()[-1]["changes"][0]["name"])
    whole("POST", "/_sandbox/reset")
    assert [] == events()
