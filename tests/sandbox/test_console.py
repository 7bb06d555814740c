"""The console: what its page is allowed, what its view tells and never tells, and who may press its buttons."""

from __future__ import annotations

import re
import threading
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.sandbox.rules.words import STATUSES, TYPES, VIEWS

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = files("pulumi_conduit.sandbox") / "console"
SCRIPTS = sorted(each.name for each in CONSOLE.iterdir() if each.name.endswith(".js"))
VIEW = "/_sandbox/console/view"
ORDERS = {
    "reset": ("POST", "/_sandbox/reset", None),
    "clock": ("POST", "/_sandbox/clock", {"advance_s": 1}),
    "fault": ("POST", "/_sandbox/faults", {"status": 500}),
    "switch": ("PATCH", "/_sandbox/switches", {"read_lag": 1}),
    "status": ("PATCH", "/_sandbox/users/ann@acme.example", {"status": "INACTIVE"}),
    "grant": ("PUT", "/_sandbox/users/ann@acme.example/accounts/3", None),
    "removal": ("DELETE", "/_sandbox/users/ann@acme.example", None),
    "token": ("POST", "/_sandbox/apps/default/rotate", None),
    "log": ("DELETE", "/_sandbox/requests", None),
}
FOREIGN = {
    "a site": {"Origin": "https://attacker.example"},
    "a page that hides its origin": {"Origin": "null"},
    "another server on this machine": {"Origin": "http://127.0.0.1:1"},
    "a page of another scheme": {"Origin": "https://{host}"},
    "a site that sends no origin": {"Sec-Fetch-Site": "cross-site"},
    "another port": {"Sec-Fetch-Site": "same-site"},
}


@pytest.fixture(scope="module")
def running_sandbox():
    """Start one sandbox for all: to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    """Return a sandbox as it was at its start."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def browser(sandbox, connect):
    """Return a client of everything that the sandbox serves."""
    return connect(sandbox.link_url)


@pytest.fixture
def events(browser):
    """Return a way to see the console's log."""
    return lambda: browser("GET", VIEW).json()["events"]


def told(event):
    """Return what an event says of itself, without its number and time."""
    return (event["api"], event["method"], event["path"], event["status"], event["changes"])


def change(kind, name, what, /, **fields):
    """Return a change as the view has it."""
    pairs = {field: list(pair) for field, pair in fields.items()}
    return {"kind": kind, "name": name, "what": what, "fields": pairs}


def test_the_page_may_do_next_to_nothing(browser):
    """Its policy allows own files only: nothing inline, nothing from elsewhere, no frame, no markup from a text."""
    answer = browser("GET", "/")

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


def test_all_that_the_page_names_is_served(browser):
    """Every file it refers to, or a script imports, is there with its type."""
    texts = [browser("GET", "/").text, *((CONSOLE / name).read_text("utf-8") for name in SCRIPTS)]
    named = {name for text in texts for name in re.findall(r'(?:(?:src|href)="([^"]+)"|from "([^"]+)")', text)}
    paths = {(here or imported.replace("./", "/_sandbox/console/")) for here, imported in named}
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

    answers = {path: browser("GET", path) for path in paths}
    assert len(SCRIPTS) + 2 == len(answers)
    for path, answer in answers.items():
        assert (200, True) == (
            answer.status_code,
            answer.headers["Content-Type"].startswith(kinds[path[path.rindex(".") :]]),
        )


@pytest.mark.parametrize("name", ["none.js", "index.html", "..%2Fapp%2Fconsole.py", "../__init__.py", "console.py"])
def test_no_other_file_is_served(browser, name):
    """Only what belongs to the page can be asked for."""
    assert 404 == browser("GET", f"/_sandbox/console/{name}").status_code


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


def test_the_wheel_ships_the_page(tmp_path):
    """What is installed has every file that the page needs."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])

    shipped = {Path(name).name for name in ZipFile(wheel).namelist() if "/sandbox/console/" in name}
    assert {each.name for each in CONSOLE.iterdir()} == shipped


def test_the_console_is_in_no_log_and_in_nobodys_way(sandbox, browser, link):
    """Its own requests are not counted, and the rest of the Link API's paths answer as before."""
    browser("GET", "/")
    browser("GET", VIEW)
    assert ([], {}) == (sandbox.requests, sandbox.counts())

    assert (404, 404) == (link("POST", "/").status_code, link("GET", "/link").status_code)
    assert [("POST", "/"), ("GET", "/link")] == [(each["method"], each["path"]) for each in sandbox.requests]


def test_what_is_seen_already_is_not_sent_again(sandbox, browser, conductor, ann):
    """A version that is current answers nothing; any change makes another version."""

    def version_after(act):
        act()
        return browser("GET", VIEW).json()["version"]

    seen = [
        version_after(lambda: None),
        version_after(lambda: sandbox.conductor.edit_user(ann, status="INACTIVE")),
        version_after(lambda: conductor("GET", "/users")),
        version_after(lambda: browser("POST", "/_sandbox/clock", {"advance_s": 1})),
        version_after(lambda: setattr(sandbox, "switches", sandbox.switches.__class__(read_lag=3))),
        version_after(sandbox.reset),
    ]
    answer = browser("GET", f"{VIEW}?after={seen[-1]}")

    assert (len(seen), 204, b"") == (len(set(seen)), answer.status_code, answer.content)
    assert 200 == browser("GET", f"{VIEW}?after={seen[-2]}").status_code


def test_the_view_shows_the_state_and_the_turned_switches(sandbox, browser, ann, switch):
    """Accounts, people and companies are there, and of the switches those that are not as kind as they could be."""
    sandbox.link.put_company("ACME", name="Acme")
    switch(read_lag=2)

    view = browser("GET", VIEW).json()

    dump = sandbox.dump()
    assert {"read_lag": 2} == view.pop("switches")
    assert {name: dump[name] for name in ("accounts", "users", "apps", "identities")} == {
        name: view[name] for name in view.keys() - {"version", "events"}
    }
    assert ann in view["users"]


def test_an_event_says_what_it_changed(events, conductor, link, ann, browser):
    """Each request is there with its answer and, if it had an effect, with what was before and is now."""
    conductor("PUT", f"/users/{ann}/accounts?removal=true", {"accounts": [2]})
    conductor("PUT", f"/users/{ann}/type", {"type": "READ_ONLY"})
    conductor("PUT", "/users/none@acme.example/type", {"type": "STANDARD"})
    link("POST", "/link/company/", {"id": "Acme", "name": "A"})
    browser("PATCH", f"/_sandbox/users/{ann}", {"status": "INACTIVE"})
    browser("DELETE", f"/_sandbox/users/{ann}")

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
    ] == [told(event) for event in events()[-6:-1]]
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
        told(event) for event in events()
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


def test_a_request_that_was_cut_off_tells_its_effect_all_the_same(sandbox, events, conductor, ann):
    """It is over, has no status, and what it did is there."""
    sandbox.faults.add("PUT /users/{userEmail}/status", drop="after")
    with pytest.raises(OSError, match="Connection"):
        conductor("PUT", f"/users/{ann}/status", {"status": "INACTIVE"})

    last = events()[-1]
    assert (None, True, ["edited"]) == (last["status"], last["is_over"], [each["what"] for each in last["changes"]])


def test_a_flood_is_cut_short(sandbox, events, browser):
    """The latest 300 events are kept, and a reset forgets all."""
    for index in range(310):
        sandbox.conductor.put_user(f"user{index}@acme.example")

    assert (300, "user309@acme.example") == (len(events()), events()[-1]["changes"][0]["name"])
    browser("POST", "/_sandbox/reset")
    assert [] == events()


def test_no_secret_reaches_the_view(sandbox, browser, connect, log_in, link):
    """Passwords and tokens are nowhere, also not those that were just made, mistyped or put into a query."""
    client = log_in()
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    password = sandbox.conductor.password()
    connect(sandbox.conductor_url)("POST", "/login", {"username": "admin@sandbox.example", "password": "mistyped!"})
    client("GET", f"/users?token={token}&password={password}")
    minted = link("POST", "/link/company/", {"id": "A"}).json()["api_token"]["token"]
    rotated = browser("POST", "/_sandbox/apps/b/rotate").json()["token"]
    browser("PUT", "/_sandbox/identities/new@x.example", {"password": "brand-new", "accounts": [1]})
    browser("PATCH", "/_sandbox/identities/new@x.example", {"password": "another-one"})

    shown = browser("GET", VIEW).text
    secrets = [token, password, "mistyped!", sandbox.link.app_token(), minted, rotated, "brand-new", "another-one"]
    assert [] == [secret for secret in secrets if secret in shown]
    assert change("identity", "new@x.example", "edited") in browser("GET", VIEW).json()["events"][-1]["changes"]


def test_one_grant_is_added_and_removed_from_outside(sandbox, browser, ann):
    """Whatever else the person holds stays; what is there already, or is not, is a mistake."""
    path = f"/_sandbox/users/{ann}/accounts"
    assert [1, 2, 4] == browser("PUT", f"{path}/4").json()["accounts"]
    assert [1, 4] == browser("DELETE", f"{path}/2").json()["accounts"]

    again = [browser("PUT", f"{path}/4"), browser("DELETE", f"{path}/2"), browser("PUT", f"{path}/77")]
    assert [
        (400, "user 'ann@acme.example' holds account 4 already"),
        (400, "user 'ann@acme.example' does not hold account 2"),
        (400, "the sandbox has no account 77"),
    ] == [(answer.status_code, answer.json()["message"]) for answer in again]
    assert [1, 4] == sandbox.conductor.user(ann)["accounts"]


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_no_other_web_page_can_give_orders(sandbox, browser, link, ann, order, headers):
    """A browser on this machine could be made to send each of these by any site: it is refused and nothing changes."""
    link("GET", "/link/company/A/")
    before = (sandbox.dump(), sandbox.requests, sandbox.faults.armed(), sandbox.link.app_token())
    host = sandbox.link_url.removeprefix("http://")
    method, path, body = order

    answer = browser(method, path, body, headers={name: value.format(host=host) for name, value in headers.items()})

    assert (403, {"message": "The sandbox takes no orders from other web pages."}) == (
        answer.status_code,
        answer.json(),
    )
    assert before == (sandbox.dump(), sandbox.requests, sandbox.faults.armed(), sandbox.link.app_token())


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_the_own_page_gives_orders(sandbox, browser, ann, order):
    """The console's own requests name its own origin, and pass."""
    method, path, body = order

    answer = browser(method, path, body, headers={"Origin": sandbox.link_url, "Sec-Fetch-Site": "same-origin"})

    assert answer.status_code in {200, 201, 204}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/_sandbox/clock", "/_sandbox/faults"])
def test_a_form_gives_no_orders(sandbox, browser, path, kind):
    """A body that a form can send is no JSON, whatever is in it."""
    data = {"/_sandbox/clock": '{"advance_s": 1}', "/_sandbox/faults": '{"status": 500}'}[path]

    assert 400 == browser("POST", path, data=data, headers={"Content-Type": kind}).status_code
    assert [] == sandbox.faults.armed()


def test_nothing_is_shared_with_other_origins(browser, sandbox):
    """No answer carries a permission to read it, and no preflight is granted."""
    asked = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "PATCH"}
    answers = [
        browser("OPTIONS", "/_sandbox/users/admin@sandbox.example", headers=asked),
        *(browser("GET", path, headers=asked) for path in ("/", VIEW, "/_sandbox/state", "/_sandbox/requests")),
    ]

    assert [405, 200, 200, 200, 200] == [answer.status_code for answer in answers]
    assert [] == [name for each in answers for name in each.headers if name.lower().startswith("access-control")]
