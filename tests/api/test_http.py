"""One attempt over real HTTP: what is sent, what is read, and what is left alone."""

import threading
from importlib.metadata import version

import pytest
import requests
from urllib3.connection import HTTPConnection

from pulumi_conduit.api.connections import TlsSettings
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.errors import SettingsError, UnexpectedResponseError, UnreachableError


def test_requests_say_who_asks_and_what_they_take(link, server, company):
    """JSON, not compressed, and our name."""
    server.will(company)

    link.edit_company("ACME", "Ä", page_enabled=True)

    headers = server.seen[0].headers
    assert {name: headers[name] for name in ("accept", "accept-encoding", "content-type", "user-agent")} == {
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": f"pulumi-conduit/{version('pulumi-conduit')}",
    }


def test_a_post_without_a_body_says_so(conductor, server):
    """No content type where there is no content."""
    server.will({"accounts": []})

    conductor.add_user_account("a@b.c", 1)

    headers = server.seen[-1].headers
    assert (headers["content-length"], "content-type" in headers) == ("0", False)


def test_connections_are_used_again(link, server, company):
    """Many small answers cost one connection."""
    server.will(company, times=3)

    for _ in range(3):
        link.get_company("ACME")

    assert len({seen.client for seen in server.seen}) == 1


@pytest.mark.parametrize(("idle_s", "connections"), [(2.9, 1), (3.0, 2)])
def test_a_connection_that_was_idle_is_not_used_again(link, server, company, mocker, idle_s, connections):
    """Common servers close one after five seconds, and a POST that crosses that is lost, nobody knows on which way."""
    server.will(company, times=2)
    now = mocker.patch("pulumi_conduit.api.connections.monotonic", return_value=100.0)

    link.get_company("ACME")
    now.return_value += idle_s
    link.get_company("ACME")

    assert connections == len({seen.client for seen in server.seen})


def test_answers_in_chunks_are_read_whole(link, server, company):
    """Many a proxy sends no length; the connection is used again all the same."""
    server.will({**company, "ignored": "x" * 200_000}, ending="chunked", times=2)

    assert [link.get_company("ACME").name for _ in range(2)] == ["Acme", "Acme"]
    assert len({seen.client for seen in server.seen}) == 1


def test_refusals_do_not_cost_the_connection(link, server, company, fake_time):
    """An error's body is read, too."""
    server.will({"message": "later"}, status=503)
    server.will(company)

    link.get_company("ACME")

    assert len({seen.client for seen in server.seen}) == 1


def test_cookies_are_not_kept(link, server, company):
    """A session of the API's making is nothing to carry around."""
    server.will(company, headers={"Set-Cookie": "session=1"}, times=2)

    link.get_company("ACME")
    link.get_company("ACME")

    assert "cookie" not in server.seen[1].headers


def test_a_netrc_does_not_replace_the_token(link, server, company, tmp_path, monkeypatch):
    """Neither for requests with a token nor for those without."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.will(company)

    link.get_company("ACME")

    assert server.seen[0].headers["authorization"] == "Bearer link-token"


def test_a_netrc_adds_nothing_to_a_login(conductor, server, tmp_path, monkeypatch):
    """The login carries its credentials in the body, and no others."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.will([])

    conductor.list_users()

    assert "authorization" not in server.seen[0].headers


def test_loopback_never_goes_through_a_proxy(connect_to_link, server, company, monkeypatch):
    """Plain http would show the token to the proxy."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.will(company)

    assert connect_to_link().get_company("ACME").id == "ACME"


def test_other_hosts_go_through_the_configured_proxy(monkeypatch):
    """Many a company network has no other way out."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert TlsSettings.towards("https://api.example", {}).proxies["https"] == "http://proxy.example:3128"


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_may_come_from_a_bundle(tmp_path, name):
    """A company network with certificates of its own names them as it does for other programs."""
    bundle = tmp_path / "bundle.pem"
    bundle.touch()

    assert TlsSettings.towards("http://127.0.0.1", {name: str(bundle)}).verify == str(bundle)


def test_certificates_come_with_the_library_by_default():
    """Verification is never off."""
    assert TlsSettings.towards("http://127.0.0.1", {"SSL_CERT_FILE": ""}).verify is True


def test_a_missing_bundle_is_named():
    """A wrong path is said before anything is sent."""
    with pytest.raises(
        SettingsError, match=r"SSL_CERT_FILE names /nowhere\.pem, which does not exist: correct it or unset"
    ):
        TlsSettings.towards("http://127.0.0.1", {"SSL_CERT_FILE": "/nowhere.pem"})


def test_an_answer_beyond_its_limit_is_not_read(link, server):
    """One company is no megabyte."""
    server.will(b" " * (2**20 + 1))

    with pytest.raises(UnexpectedResponseError, match="cannot be used: it is longer than 1048576 bytes"):
        link.get_company("ACME")


def test_a_compressed_answer_is_not_unpacked(link, server):
    """A few kilobytes can unpack to gigabytes."""
    server.will(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})

    with pytest.raises(
        UnexpectedResponseError, match="cannot be used: it is compressed, although that was not asked for"
    ):
        link.get_company("ACME")


def test_a_silent_server_costs_no_more_than_the_read_timeout(connect_to_link, server, company, dependencies):
    """A read that is not answered in time is given up, and asked again."""
    may_go = threading.Event()
    quick = type(dependencies)(dependencies.clock, Timeouts(1, 0.02), logins=dependencies.logins)
    server.will(company, before=may_go.wait, times=6)

    with pytest.raises(UnreachableError, match="the response did not arrive in time"):
        connect_to_link(dependencies=quick).get_company("ACME")

    may_go.set()
    assert len(server.seen) == 6


def test_timeouts_are_cut_to_what_is_left():
    """Neither connecting nor reading may outlast the operation."""
    assert [Timeouts().within(left_s) for left_s in (100, 20, 5)] == [(10, 30), (10, 20), (5, 5)]


def test_every_attempt_is_reported(connect_to_link, server, company, fake_time):
    """Method, path, status and milliseconds; None for the status of an attempt without an answer."""
    told = []
    server.will(ending="hang up")
    server.will(company, before=lambda: setattr(fake_time, "now", fake_time.now + 0.25))

    connect_to_link(on_request=lambda *told_of: told.append(told_of)).get_company("ACME")

    assert told == [("GET", "/link/company/ACME/", None, 0.0), ("GET", "/link/company/ACME/", 200, 250.0)]


def test_the_session_can_be_passed_in(connect_to_link, server, company, dependencies):
    """Who tests may see the session."""
    made = []

    def new_session(workers):
        made.append((workers, requests.Session()))
        return made[-1][1]

    server.will(company)
    own = type(dependencies)(dependencies.clock, new_session=new_session)

    connect_to_link(dependencies=own, workers=3).get_company("ACME")

    assert made[0][0] == 3


@pytest.mark.parametrize("proxies", [{}, {"http": True}])
def test_close_closes_idle_connections_even_after_a_failure(connect_to_link, server, company, mocker, proxies):
    """A failure leaves its pool in a circle of references; the connections must not wait until that is collected."""
    if proxies:
        mocker.patch("pulumi_conduit.api.connections.is_loopback", return_value=False)
        mocker.patch("pulumi_conduit.api.connections.get_environ_proxies", return_value={"http": server.url})
    close = mocker.spy(HTTPConnection, "close")
    server.will(ending="hang up")
    server.will(company)
    client = connect_to_link()
    client.get_company("ACME")
    before = close.call_count

    client.close()

    assert close.call_count == before + 1
