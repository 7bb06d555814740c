"""What would stall or fill the sandbox is refused; other web pages spend no fault and are not in the log."""

import contextlib
import http.client
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from pulumi_conduit.sandbox import MistakeError, Sandbox
from pulumi_conduit.sandbox.faults import Fault

MEBIBYTE = 2**20


@pytest.mark.parametrize(
    "order",
    [
        ("POST", "/clock", {"advance_s": 1e300}),
        ("POST", "/clock", {"advance_s": 11 * 366 * 86400}),
        ("POST", "/faults", {"status": 500, "path": "(a+)+$"}),
        ("POST", "/faults", {"status": 500, "path": "(a|aa)*x"}),
        ("POST", "/faults", {"status": 500, "path": "(.*,){9}x"}),
        ("POST", "/faults", {"status": 500, "path": "a" * 201}),
        ("POST", "/faults", {"status": 500, "delay_s": 1e9}),
        ("POST", "/faults", {"status": 500, "headers": {"X\r\nY": "1"}}),
        ("POST", "/faults", {"status": 500, "headers": {"X-Y": "1\r\nSet-Cookie: a"}}),
        ("POST", "/faults", {"status": 500, "headers": {"X-Y": "\u540d"}}),
    ],
    ids=range(10),
)
def test_an_order_that_would_stall_it_is_refused(sandbox, operator, order):
    """The next request is answered as ever."""
    method, path, body = order

    assert 400 <= operator(method, path, body).status_code < 500

    assert 200 == operator("GET", "/").status_code
    assert [] == sandbox.faults.armed()


@pytest.mark.parametrize("pattern", ["ada@.*", "[a-z]+/accounts", "(ada|bob)@"])
def test_other_patterns_are_taken(pattern):
    """A group that does not repeat costs nothing."""
    assert Fault(path=pattern, status=500)


def test_a_header_that_http_cannot_carry_is_refused_in_python_too():
    """It would break the connection instead of answering."""
    with pytest.raises(MistakeError, match="is not a header"):
        Fault(status=500, headers={"X": "\n"})


@pytest.mark.parametrize("way", ["length", "chunked"])
def test_a_body_that_is_too_long_is_not_kept(sandbox, way):
    """Whether it says so before or not, and no fault is spent on it."""
    body = b"x" * (17 * MEBIBYTE)
    fault = sandbox.faults.add("POST /login", status=500)
    data = body if way == "length" else iter([body[:MEBIBYTE]] * 17)

    try:
        status = requests.post(f"{sandbox.conductor_url}/login", data=data, timeout=30).status_code
    except requests.ConnectionError:
        status = 413  # it has closed the connection while the body was on its way

    assert status in {400, 413, 500}
    assert 200 == requests.get(f"{sandbox.link_url}/_sandbox/", timeout=30).status_code
    assert (way == "chunked") >= bool(fault.struck)


@pytest.mark.parametrize("headers", [{"Origin": "https://attacker.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_page_spends_no_fault_and_is_not_in_the_log(sandbox, headers):
    """A browser on this machine reaches loopback for every site."""
    fault = sandbox.faults.add(status=500, times=1)

    response = requests.post(f"{sandbox.conductor_url}/login", json={}, headers=headers, timeout=30)

    assert 403 == response.status_code
    assert (0, []) == (fault.struck, sandbox.requests)


def test_a_long_path_is_cut_in_the_log(sandbox):
    """It may be as long as HTTP allows."""
    url = urlsplit(sandbox.conductor_url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("GET", f"{url.path}/users/{'a' * 20_000}")
    connection.getresponse().read()
    connection.close()

    (logged,) = sandbox.requests
    assert len(logged["path"]) < 5_000


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n"], ids=["nothing", "a part"])
def test_connections_beyond_the_limit_are_refused_until_others_end(monkeypatch, sent):
    """Idle ones take descriptors that the process needs for its files, whatever they have sent."""
    monkeypatch.setattr("pulumi_conduit.sandbox.sandbox._MOST_CONNECTIONS", 4)
    with Sandbox.start() as small, contextlib.ExitStack() as held:
        url = urlsplit(small.link_url)
        for _ in range(4):
            idle = held.enter_context(socket.create_connection((url.hostname, url.port or 0)))
            idle.sendall(sent)

        refused = _status(small)
        held.close()
        status, end_s = _status(small), time.monotonic() + 30
        while status == 503 and time.monotonic() < end_s:
            status = _status(small)

    assert (503, 200) == (refused, status)


def _status(sandbox):
    return requests.get(f"{sandbox.link_url}/_sandbox/", timeout=30).status_code
