"""The operator's endpoints and other web pages: a browser on this machine reaches loopback for every site."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_no_other_web_page_can_give_orders(sandbox, whole, link, ann, order, headers):
    """A browser on this machine could be made to send each of these by any site: it is refused and nothing changes."""
    link("GET", "/link/company/A/")
    before = (sandbox.dump(), sandbox.requests, sandbox.faults.armed(), sandbox.link.app_token())
    host = sandbox.link_url.removeprefix("http://")
    method, path, body = order

    answer = whole(method, path, body, headers={name: value.format(host=host) for name, value in headers.items()})

    assert (403, {"message": "The sandbox takes no orders from other web pages."}) == (
        answer.status_code,
        answer.json(),
    )
    assert before == (sandbox.dump(), sandbox.requests, sandbox.faults.armed(), sandbox.link.app_token())


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_the_own_page_gives_orders(sandbox, whole, ann, order):
    """The console's own requests name its own origin, and pass."""
    method, path, body = order

    answer = whole(method, path, body, headers={"Origin": sandbox.link_url, "Sec-Fetch-Site": "same-origin"})

    assert answer.status_code in {200, 201, 204}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/_sandbox/clock", "/_sandbox/faults"])
def test_a_form_gives_no_orders(sandbox, whole, path, kind):
    """A body that a form can send is no JSON, whatever is in it."""
    data = {"/_sandbox/clock": '{"advance_s": 1}', "/_sandbox/faults": '{"status": 500}'}[path]

    assert 400 == whole("POST", path, data=data, headers={"Content-Type": kind}).status_code
    assert [] == sandbox.faults.armed()


def test_nothing_is_shared_with_other_origins(whole, sandbox):
    """No answer carries a permission to read it, and no preflight is granted."""
    asked = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "PATCH"}
    paths = ("/", "/_sandbox/console/view", "/_sandbox/state", "/_sandbox/requests")
    preflight = whole("OPTIONS", "/_sandbox/users/admin@sandbox.example", headers=asked)
    answers = [preflight, *(whole("GET", path, headers=asked) for path in paths)]

    assert [405, 200, 200, 200, 200] == [answer.status_code for answer in answers]
    assert [] == [name for each in answers for name in each.headers if name.lower().startswith("access-control")]
