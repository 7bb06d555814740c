"""Requests through a proxy: what counts as sent, and what as not sent."""

import json
import socket

import pytest
from tunnels import CERTIFICATES, closed, connected, connected_by_socks, refused, reset, tunnel

from pulumi_conduit.errors import OutcomeUnknownError, UnreachableError


@pytest.fixture
def through(monkeypatch, mocker, connect_to_link):
    """Return a function that connects a client to an API behind the proxy at an address."""
    mocker.patch("pulumi_conduit.api.connections.is_loopback", return_value=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def connect(proxy):
        monkeypatch.setenv("https_proxy", proxy)
        return connect_to_link(url="https://localhost:9")

    return connect


@pytest.mark.parametrize("end", [closed, reset])
def test_a_post_whose_response_is_lost_behind_a_proxy_is_in_doubt(through, end):
    """The API has it, although urllib3 calls it a failure of the proxy; sent again, it could take effect twice."""
    with tunnel(connected, end) as (port, received):
        client = through(f"http://127.0.0.1:{port}")

        with pytest.raises(OutcomeUnknownError, match="the connection closed before the response was complete"):
            client.create_company("ACME", None, page_enabled=None)

    assert [b"POST /link/company/ HTTP/1.1"] == [request.partition(b"\r\n")[0] for request in received]


def test_a_read_whose_response_is_lost_behind_a_proxy_is_sent_again(through):
    """As it is without a proxy."""
    with tunnel(connected, closed) as (port, received):
        client = through(f"http://127.0.0.1:{port}")

        with pytest.raises(UnreachableError, match="the connection closed before the response was complete"):
            client.get_company("ACME")

    assert 6 == len(received)


def test_a_post_that_a_proxy_refuses_is_not_sent(through):
    """It is no doubt then, and the proxy is named."""
    with tunnel(refused, closed) as (port, received):
        client = through(f"http://127.0.0.1:{port}")

        with pytest.raises(UnreachableError, match="the proxy cannot be reached or refuses to connect"):
            client.create_company("ACME", None, page_enabled=None)

    assert [] == received


def test_requests_go_through_a_socks_proxy(through, company):
    """It works like another proxy; a lost response leaves a POST in doubt there, too."""
    pytest.importorskip("socks")
    body = json.dumps(company).encode()

    def respond(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with tunnel(connected_by_socks, respond) as (port, received):
        assert "ACME" == through(f"socks5h://127.0.0.1:{port}").get_company("ACME").id
    with tunnel(connected_by_socks, closed) as (port, lost), pytest.raises(OutcomeUnknownError):
        through(f"socks5h://127.0.0.1:{port}").create_company("ACME", None, page_enabled=None)

    assert (1, 1) == (len(received), len(lost))


def test_a_socks_proxy_that_cannot_be_reached_is_an_error_in_one_line(through):
    """Nothing was sent then."""
    pytest.importorskip("socks")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(UnreachableError, match="the connection timed out or was refused"):
        through(f"socks5://127.0.0.1:{port}").create_company("ACME", None, page_enabled=None)
