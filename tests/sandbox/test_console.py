"""The console: what its page is allowed, and what its view shows and never shows."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from pulumi_conduit.sandbox.rules.words import STATUSES, TYPES, VIEWS

CONSOLE = files("pulumi_conduit.sandbox") / "console"
SCRIPTS = sorted(each.name for each in CONSOLE.iterdir() if each.name.endswith(".js"))
VIEW = "/_sandbox/console/view"


def test_the_page_may_do_next_to_nothing(whole):
    """Its policy allows own files only: nothing inline, nothing from elsewhere, no frame, no markup from a text."""
    answer = whole("GET", "/")

    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    assert answer.headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    assert ("DENY", "nosniff") == (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"])


def test_all_that_the_page_names_is_served(whole):
    """Every file it refers to, or a script imports, is there with its type."""
    texts = [whole("GET", "/").text, *((CONSOLE / name).read_text("utf-8") for name in SCRIPTS)]
    named = {name for text in texts for name in re.findall(r'(?:(?:src|href)="([^"]+)"|from "([^"]+)")', text)}
    paths = {(here or imported.replace("./", "/_sandbox/console/")) for here, imported in named}
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

    answers = {path: whole("GET", path) for path in paths}
    assert len(SCRIPTS) + 2 == len(answers)
    for path, answer in answers.items():
        assert (200, True) == (
            answer.status_code,
            answer.headers["Content-Type"].startswith(kinds[path[path.rindex(".") :]]),
        )


@pytest.mark.parametrize("name", ["none.js", "index.html", "..%2Fapp%2Fconsole.py", "../__init__.py", "console.py"])
def test_no_other_file_is_served(whole, name):
    """Only what belongs to the page can be asked for."""
    assert 404 == whole("GET", f"/_sandbox/console/{name}").status_code


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_or_code_of_a_text(name):
    """What comes from the state is only ever inserted as text."""
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|Function\(|setTimeout\(['\"`]|href"

    assert [] == re.findall(ways, (CONSOLE / name).read_text("utf-8"))


def test_the_forms_know_every_word():
    """What can be chosen is what a user can have."""
    page = (CONSOLE / "index.html").read_text("utf-8")
    offered = {
        name: set(re.findall(r"<option>(\w+)</option>", body))
        for name, body in re.findall(r'<select name="(\w+)">(.*?)</select>', page, re.DOTALL)
    }

    assert {"type": TYPES, "status": STATUSES, "view": VIEWS, "app": set()} == offered


def test_the_console_is_in_no_log_and_hides_no_route(sandbox, whole, link):
    """Its own requests are not counted, and the rest of the Link API's paths answer as before."""
    whole("GET", "/")
    whole("GET", VIEW)
    assert ([], {}) == (sandbox.requests, sandbox.counts())

    assert (404, 404) == (link("POST", "/").status_code, link("GET", "/link").status_code)
    assert [("POST", "/"), ("GET", "/link")] == [(each["method"], each["path"]) for each in sandbox.requests]


def test_what_is_seen_already_is_not_sent_again(sandbox, whole, conductor, ann):
    """A version that is current answers nothing; any change makes another version."""

    def version_after(act):
        act()
        return whole("GET", VIEW).json()["version"]

    seen = [
        version_after(lambda: None),
        version_after(lambda: sandbox.conductor.edit_user(ann, status="INACTIVE")),
        version_after(lambda: conductor("GET", "/users")),
        version_after(lambda: whole("POST", "/_sandbox/clock", {"advance_s": 1})),
        version_after(lambda: setattr(sandbox, "switches", sandbox.switches.__class__(read_lag=3))),
        version_after(sandbox.reset),
    ]
    answer = whole("GET", f"{VIEW}?after={seen[-1]}")

    assert (len(seen), 204, b"") == (len(set(seen)), answer.status_code, answer.content)
    assert 200 == whole("GET", f"{VIEW}?after={seen[-2]}").status_code


def test_the_view_shows_the_state_and_the_turned_switches(sandbox, whole, ann, switch):
    """Accounts, people and companies are there, and of the switches those that are not as kind as they could be."""
    sandbox.link.put_company("ACME", name="Acme")
    switch(read_lag=2)

    view = whole("GET", VIEW).json()

    dump = sandbox.dump()
    assert {"read_lag": 2} == view.pop("switches")
    assert {name: dump[name] for name in ("accounts", "users", "apps", "identities")} == {
        name: view[name] for name in view.keys() - {"version", "events"}
    }
    assert ann in view["users"]


def test_no_secret_reaches_the_view(sandbox, whole, connect, log_in, link):
    """Passwords and tokens are nowhere, also not those that were just made, mistyped or put into a query."""
    client = log_in()
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    password = sandbox.conductor.password()
    connect(sandbox.conductor_url)("POST", "/login", {"username": "admin@sandbox.example", "password": "mistyped!"})
    client("GET", f"/users?token={token}&password={password}")
    minted = link("POST", "/link/company/", {"id": "A"}).json()["api_token"]["token"]
    rotated = whole("POST", "/_sandbox/apps/b/rotate").json()["token"]
    whole("PUT", "/_sandbox/identities/new@x.example", {"password": "brand-new", "accounts": [1]})
    whole("PATCH", "/_sandbox/identities/new@x.example", {"password": "another-one"})

    shown = whole("GET", VIEW).text
    secrets = [token, password, "mistyped!", sandbox.link.app_token(), minted, rotated, "brand-new", "another-one"]
    assert [] == [secret for secret in secrets if secret in shown]
    told = whole("GET", VIEW).json()["events"][-1]["changes"]
    assert [{"kind": "identity", "name": "new@x.example", "what": "edited", "fields": {}}] == told


def test_one_grant_is_added_and_removed_from_outside(sandbox, whole, ann):
    """Whatever else the person holds stays; what is there already, or is not, is a mistake."""
    path = f"/_sandbox/users/{ann}/accounts"
    assert [1, 2, 4] == whole("PUT", f"{path}/4").json()["accounts"]
    assert [1, 4] == whole("DELETE", f"{path}/2").json()["accounts"]

    again = [whole("PUT", f"{path}/4"), whole("DELETE", f"{path}/2"), whole("PUT", f"{path}/77")]
    assert [
        (400, "user 'ann@acme.example' holds account 4 already"),
        (400, "user 'ann@acme.example' does not hold account 2"),
        (400, "the sandbox has no account 77"),
    ] == [(answer.status_code, answer.json()["message"]) for answer in again]
    assert [1, 4] == sandbox.conductor.user(ann)["accounts"]
