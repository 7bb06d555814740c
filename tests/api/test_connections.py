"""Certificates and proxies on the way to an API: what cannot be used is named before anything is sent."""

import base64
import json
import os
import ssl
from pathlib import Path

import pytest
from byte_server import listening
from hypothesis import given, settings
from hypothesis import strategies as st
from tunnels import tunnel

from pulumi_conduit.api import connections
from pulumi_conduit.api.connections import TlsSettings
from pulumi_conduit.errors import SettingsError, UnreachableError

CERTIFICATES = Path(__file__).parents[1] / "faults" / "certificates"
AUTHORITY = (CERTIFICATES / "authority.pem").read_bytes()
VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
BODY = b"".join(AUTHORITY.partition(b"-----BEGIN CERTIFICATE-----")[2].partition(b"-----END")[0].split())
BUNDLES = {
    "empty": b"",
    "DER": base64.b64decode(BODY),
    "a private key": (CERTIFICATES / "good.pem").read_bytes().partition(b"-----BEGIN CERTIFICATE")[0]
    or b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "cut": AUTHORITY[: len(AUTHORITY) // 2],
    "a page": b"<html>no certificate here</html>",
    "UTF-16": AUTHORITY.decode().encode("utf-16"),
}


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_that_holds_no_certificate_is_named(tmp_path, name, bundle):
    """The variable and the file stand in the line; nobody is told that a connection broke."""
    path = tmp_path / "bundle.pem"
    path.write_bytes(BUNDLES[bundle])

    with pytest.raises(SettingsError) as caught:
        TlsSettings.towards("https://api.example", {name: str(path)})

    assert str(caught.value).startswith(f"{name} names {path}, which holds no certificates to verify by (")
    assert str(caught.value).endswith("it must be PEM, correct it or unset it")


def test_a_bundle_that_cannot_be_read_is_named_with_the_systems_words(tmp_path, mocker):
    """A file of another owner; the tests may run as a user who can read everything."""
    path = tmp_path / "bundle.pem"
    path.write_bytes(AUTHORITY)
    context = mocker.patch("pulumi_conduit.api.connections.ssl.SSLContext").return_value
    context.load_verify_locations.side_effect = PermissionError(13, "Permission denied")

    with pytest.raises(SettingsError, match=r"^SSL_CERT_FILE names .* \(Permission denied\)"):
        TlsSettings.towards("https://api.example", {"SSL_CERT_FILE": str(path)})


def test_a_folder_of_certificates_is_taken_where_one_can_be_loaded(tmp_path):
    """SSL_CERT_DIR, as Python has it."""
    folder, empty = tmp_path / "some", tmp_path / "none"
    folder.mkdir()
    empty.mkdir()
    (folder / "README").write_text("certificates", encoding="utf-8")
    (folder / "1a2b3c4d.0").write_bytes(AUTHORITY)

    assert str(folder) == TlsSettings.towards("https://api.example", {"SSL_CERT_DIR": str(folder)}).verify
    with pytest.raises(SettingsError, match=r"^SSL_CERT_DIR names .* \(no file does\)"):
        TlsSettings.towards("https://api.example", {"SSL_CERT_DIR": str(empty)})


def test_several_folders_of_certificates_are_taken_where_one_can_be_loaded(tmp_path):
    """A list, as OpenSSL has it; a folder of it that does not exist is left out."""
    some, none = tmp_path / "some", tmp_path / "none"
    some.mkdir()
    none.mkdir()
    (some / "1a2b3c4d.0").write_bytes(AUTHORITY)
    environ = {"SSL_CERT_DIR": os.pathsep.join([str(tmp_path / "nowhere"), str(none), "", str(some)])}

    assert f"{none}{os.pathsep}{some}" == TlsSettings.towards("https://api.example", environ).verify


@pytest.mark.parametrize(
    ("folders", "reason"),
    [(["none", "nothing"], r"which holds no certificates .* \(no file does\)"), (["a", "b"], "which does not exist")],
)
def test_several_folders_without_a_certificate_are_named(tmp_path, folders, reason):
    """They are in the line as they are in the variable."""
    for name in ("none", "nothing"):
        (tmp_path / name).mkdir()
    named = os.pathsep.join(str(tmp_path / name) for name in folders)

    with pytest.raises(SettingsError, match=f"^SSL_CERT_DIR names {named}, {reason}"):
        TlsSettings.towards("https://api.example", {"SSL_CERT_DIR": named})


def test_an_api_is_verified_by_the_certificates_of_several_folders(tmp_path, monkeypatch, connect_to_link, company):
    """Those of the last one count as well, and nothing beside them does."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "f0f75c6a.0").write_bytes(AUTHORITY)  # as `openssl rehash` names it
    monkeypatch.setenv("SSL_CERT_DIR", f"{CERTIFICATES}{os.pathsep}{tmp_path}")
    body = json.dumps(company).encode()
    response = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    with tunnel(lambda _: None, lambda connection: connection.sendall(response)) as (port, received):
        assert "ACME" == connect_to_link(url=f"https://localhost:{port}").get_company("ACME").id
        (tmp_path / "f0f75c6a.0").rename(tmp_path / "authority.pem")
        with pytest.raises(UnreachableError, match="its certificate cannot be verified"):
            connect_to_link(url=f"https://localhost:{port}").get_company("ACME")

    assert 1 == len(received)


def test_plain_http_on_loopback_needs_no_certificates(tmp_path):
    """The sandbox serves no other."""
    (tmp_path / "empty.pem").touch()

    assert TlsSettings.towards("http://127.0.0.1:1", {"SSL_CERT_FILE": str(tmp_path / "empty.pem")})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mutated_bundle_is_used_or_named(tmp_path_factory, data):
    """Whatever became of it, nothing else comes of it."""
    at = data.draw(st.integers(0, len(AUTHORITY)))
    bundle = AUTHORITY[:at] + data.draw(st.binary(max_size=8)) + AUTHORITY[at + data.draw(st.integers(0, 40)) :]
    path = tmp_path_factory.mktemp("bundles") / "bundle.pem"
    path.write_bytes(bundle)

    environ = {"SSL_CERT_FILE": str(path)}
    if is_loaded(path):
        assert str(path) == TlsSettings.towards("https://api.example", environ).verify
        return
    with pytest.raises(SettingsError, match=f"^SSL_CERT_FILE names {path}"):
        TlsSettings.towards("https://api.example", environ)


def is_loaded(path):
    """Say whether Python itself takes a bundle."""
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        return False
    return True


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS4"])
def test_a_socks_proxy_without_its_package_is_named(monkeypatch, mocker, scheme):
    """And the way to the package."""
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://proxy.example:1080")
    mocker.patch.object(connections, "find_spec", return_value=None)

    with pytest.raises(SettingsError, match=r"^HTTPS_PROXY names a SOCKS proxy, .*pip install 'requests\[socks\]'"):
        TlsSettings.towards("https://api.example", {})


@pytest.mark.parametrize(
    ("name", "proxy"),
    [
        ("HTTP_PROXY", "socks5://proxy.example"),
        ("ALL_PROXY", "socks5://proxy.example"),
        ("HTTPS_PROXY", "socks-proxy.example:3128"),
    ],
    ids=["of another scheme", "of all others", "named so"],
)
def test_a_socks_proxy_that_is_not_used_needs_no_package(monkeypatch, mocker, name, proxy):
    """Only the one that a request would take counts; a host may have any name."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv(name, proxy)
    mocker.patch.object(connections, "find_spec", return_value=None)

    assert TlsSettings.towards("https://api.example", {}).proxies


@pytest.mark.parametrize(
    ("name", "proxy", "reason"),
    [
        (
            "HTTPS_PROXY",
            "socks://u:hunter2@proxy.example",
            "a SOCKS proxy of a version that is not known: write one of",
        ),
        ("ALL_PROXY", "SOCKS6://proxy.example", "a SOCKS proxy of a version that is not known: write one of socks5h, "),
        (
            "HTTPS_PROXY",
            "http://u:hunter2%E2%82%AC@proxy.example",
            "a proxy whose user name or password has characters",
        ),
        ("ALL_PROXY", "\u0141:hunter2@proxy.example", "a proxy whose user name or password has characters beyond"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(monkeypatch, name, proxy, reason):
    """In one line, without the password in it."""
    monkeypatch.setenv(name, proxy)

    with pytest.raises(SettingsError) as caught:
        TlsSettings.towards("https://api.example", {})

    assert str(caught.value).startswith(f"{name} names {reason}")
    assert str(caught.value).endswith(", or name another proxy")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["http://u:p%C3%A9@proxy.example", "http://[proxy.example"])
def test_other_proxies_are_left_to_the_request(monkeypatch, proxy):
    """One that is no URL is an error of the request, as one is that cannot be reached."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    assert {"https": proxy} == TlsSettings.towards("https://api.example", {}).proxies


ALERTS = {
    "plain HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak TLS"),
    "no version": (b"\x15\x03\x01\x00\x02\x02\x46", "no TLS version in common"),
    "no cipher": (b"\x15\x03\x01\x00\x02\x02\x28", "the TLS handshake failed"),
    "nothing": (b"", "the TLS handshake failed"),
}


@pytest.mark.parametrize("kind", ALERTS)
def test_a_handshake_that_fails_has_its_own_cause_and_no_second_attempt(connect_to_link, kind):
    """Nothing was sent, so that a create is not in doubt, and it would fail again."""
    response, reason = ALERTS[kind]
    with listening(response) as (port, taken):
        client = connect_to_link(url=f"https://127.0.0.1:{port}")

        with pytest.raises(UnreachableError, match=reason):
            client.create_company("ACME", None, page_enabled=None)

    assert 1 == len(taken)


def test_a_connection_that_breaks_later_is_no_failed_handshake():
    """What came before may have had its effect."""
    assert connections.handshake_failure(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")) is None
