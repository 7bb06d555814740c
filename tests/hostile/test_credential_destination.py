"""Credentials go to the configured origin and nowhere else, whatever the dependencies or the API suggest."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
from canaries import LINK_TOKEN, PASSWORD, Canaries
from raw_server import RawServer, answered
from sampling import sample

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.errors import ConduitError, SettingsError, UnreachableError
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret, normalised_url

ACCESS = "canary-access-token-of-the-login"
LOGIN = answered(json.dumps({"accessToken": ACCESS, "idToken": "i", "refreshToken": "r", "expiresIn": 86400}).encode())
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.fixture
def canaries():
    """Give the secrets that must stay at home."""
    return Canaries(password=PASSWORD, link=LINK_TOKEN, access=ACCESS)


@pytest.fixture
def elsewhere():
    """Give a server that is not the configured one, and would take whatever comes."""
    with closing(RawServer(lambda _: answered(b"{}"))) as listener:
        yield listener


@pytest.fixture
def clients():
    """Return a way to both clients of a base URL."""

    def both(url):
        dependencies = ClientDependencies(clock=Clock(sleep=lambda _: None), timeouts=Timeouts(2, 2), logins=Logins())
        common: dict[str, Any] = {"deadline_s": 20, "workers": 1, "dependencies": dependencies}
        link = connect_link(LinkSettings(url, Secret(LINK_TOKEN)), **common)
        return link, connect_conductor(ConductorSettings(url, "admin@x.example", Secret(PASSWORD), None), **common)

    return both


def errors_of(link, conductor):
    """Ask in each way that carries a credential, with each verb, and return the errors."""
    asks = (
        lambda: link.get_company("ACME"),
        lambda: link.create_company("ACME", "Acme", page_enabled=True),
        lambda: link.edit_company("ACME", "Acme", page_enabled=True),
        conductor.list_users,
        lambda: conductor.add_user_accounts("ann@acme.example", [1]),
        lambda: conductor.add_user_account("ann@acme.example", 1),
        lambda: conductor.remove_user_account("ann@acme.example", 1),
    )
    errors = []
    with closing(link), closing(conductor):
        for ask in asks:
            with pytest.raises(ConduitError) as caught:
                ask()
            errors.append(str(caught.value))
    return errors


DETOURS = {
    "another port": "http://127.0.0.1:{port}/x",
    "another name of the host": "http://localhost:{port}/x",
    "no scheme": "//127.0.0.1:{port}/x",
    "a user in the URL": "http://user:secret@127.0.0.1:{port}/x",
    "a trick with an at sign": "http://127.0.0.1:{home}@127.0.0.1:{port}/x",
    "a trick with a backslash": "http://127.0.0.1:{port}\\@127.0.0.1:{home}/x",
    "https": "https://127.0.0.1:{port}/x",
    "a tab": "ht\ttp://127.0.0.1:{port}/x",
}


@pytest.mark.parametrize("status", sample([300, 301, 302, 303, 305, 307, 308], 3))
@pytest.mark.parametrize("detour", DETOURS)
@pytest.mark.parametrize("is_login", [True, False], ids=["login", "others"])
def test_a_redirect_is_not_followed(clients, elsewhere, canaries, tried, is_login, status, detour):
    """Neither after the login nor for it, with any verb: the other origin receives nothing at all."""
    redirect: Any
    home = RawServer(lambda received: LOGIN if received.line == "POST /login" and not is_login else redirect)
    location = DETOURS[detour].format(port=elsewhere.port, home=home.port)
    more = {"Refresh": f"0; url={location}", "Alt_Svc": f'h2=":{elsewhere.port}"'}
    redirect = answered(b"{}", status, Location=location, **more)
    with closing(home):
        errors = errors_of(*clients(home.url))

    assert [] == elsewhere.received
    assert all("which is not followed" in error for error in errors)
    assert [] == canaries.hits(*errors)
    tried("redirected requests with a credential", len(errors))


def test_a_hostile_netrc_in_the_home_folder_counts_for_nothing(clients, canaries, tmp_path, monkeypatch):
    """The API gets our token and no other credential, also where the token is refused."""
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text(
            "machine 127.0.0.1 login eve password canary-of-the-netrc\ndefault login eve password canary-of-the-netrc\n"
        )
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    refusal = answered(b'{"message":"no"}', 401, WWW_Authenticate='Basic realm="x"')
    with closing(RawServer(lambda received: LOGIN if received.line == "POST /login" else refusal)) as home:
        errors_of(*clients(home.url))

    assert [] == Canaries(netrc="canary-of-the-netrc").hits(home.received_bytes)
    lines = [line for received in home.received for line in received.head.decode("latin-1").split("\r\n")]
    sent = {line.partition(" ")[2] for line in lines if line.lower().startswith(("authorization:", "proxy-auth"))}
    assert {f"Bearer {LINK_TOKEN}", f"Bearer {ACCESS}"} == sent


@pytest.mark.parametrize("no_proxy", ["", "127.0.0.1", "elsewhere.example"])
def test_a_proxy_never_sees_what_goes_to_loopback(clients, elsewhere, monkeypatch, no_proxy):
    """Plain http would show it the token; so loopback goes direct, whatever the variables say."""
    for name in PROXIES:
        monkeypatch.setenv(name, elsewhere.url)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    monkeypatch.setenv("no_proxy", no_proxy)
    refusal = answered(b'{"message":"no"}', 403)
    with closing(RawServer(lambda received: LOGIN if received.line == "POST /login" else refusal)) as home:
        errors_of(*clients(home.url))

    assert [] == elsewhere.received
    assert home.received


@pytest.mark.parametrize("names", [("HTTPS_PROXY", "https_proxy"), ("ALL_PROXY", "all_proxy")])
def test_a_proxy_learns_the_host_and_no_credential(clients, canaries, monkeypatch, names):
    """Other hosts are reached through a tunnel: the proxy is asked for it, with its own credential and none of ours."""
    with closing(RawServer(lambda _: answered(b"no", 403))) as proxy:
        for name in (*PROXIES, "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in names:
            monkeypatch.setenv(name, f"http://user:canary-of-the-proxy@127.0.0.1:{proxy.port}")
        canaries.add("proxy", "canary-of-the-proxy")
        errors = errors_of(*clients("https://api.elsewhere.example"))

    assert {"CONNECT api.elsewhere.example:443"} == {received.line for received in proxy.received}
    assert {"proxy 3 as base64"} == set(canaries.hits(proxy.received_bytes))
    assert [] == canaries.hits(*errors)


def test_a_refusing_proxy_is_an_error_of_its_own(clients, monkeypatch):
    """It names the way, not the API."""
    with closing(RawServer(lambda _: answered(b"no", 407, Proxy_Authenticate="Basic realm=x"))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NO_PROXY", "")
        link, conductor = clients("https://api.elsewhere.example")
        with closing(link), closing(conductor), pytest.raises(UnreachableError) as caught:
            link.get_company("ACME")

    assert "the proxy cannot be reached or refuses to connect" in str(caught.value)


USERINFO = (
    "https://user:canary-in-the-url@api.example",
    "https://canary-in-the-url@api.example/x",
    "https://:canary-in-the-url@api.example",
    "https://api.example@canary-in-the-url.example",
    "https://api.example\\@canary-in-the-url.example",
    "https://api.example#@canary-in-the-url.example",
    "https://api.example/?canary-in-the-url",
    "https://api.example%40canary-in-the-url",
    "https://api.example\r\nHost: canary-in-the-url",
    "https://api.example；@canary-in-the-url",  # noqa: RUF001 -- some parsers fold it
    "https://api。canary-in-the-url",
)


@pytest.mark.parametrize("url", USERINFO)
def test_a_url_that_carries_or_hides_something_is_refused_unseen(url):
    """A user name, a trick with another host, a query: the line names the setting and shows nothing of it."""
    with pytest.raises(SettingsError) as caught:
        normalised_url(url, "CONDUCTOR_URL")

    assert "canary" not in str(caught.value)
    assert str(caught.value).startswith("CONDUCTOR_URL must ")
