"""The way to an API, step by step, over real sockets and certificates."""

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from byte_server import listening
from fault_proxy import FaultProxy

from pulumi_conduit.cli.doctor import apis as module
from pulumi_conduit.cli.doctor.apis import check_connection
from pulumi_conduit.cli.doctor.findings import Code

CERTIFICATES = Path(__file__).parents[2] / "faults" / "certificates"


def _walked(url, api="Conductor"):
    """Return the findings on the way, and whether its end was check_connection."""
    ends = []

    def walk():
        ends.append((yield from check_connection(api, url)))

    return list(walk()), *ends


def _codes(found):
    return [one.code for one in found]


@pytest.fixture
def proxy(sandbox):
    """Return a function that opens a proxy to the sandbox with a certificate."""
    opened = []

    def open_proxy(certificate):
        opened.append(FaultProxy(sandbox, certificate=CERTIFICATES / certificate))
        return opened[-1]

    yield open_proxy
    for one in opened:
        one.close()


def test_every_step_is_reported(sandbox):
    """Plain http on loopback has no certificate; no credential and no login was sent."""
    found, is_reached = _walked(sandbox.conductor_url)

    assert ([Code.DNS, Code.TCP, Code.HTTP, Code.CLOCK], True) == (_codes(found), is_reached)
    assert {} == sandbox.counts()


def test_a_trusted_certificate_is_reported_with_its_expiry(proxy, monkeypatch):
    """By the file that the settings name."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))

    found, is_reached = _walked(proxy("good.pem").url)

    assert ([Code.DNS, Code.TCP, Code.TLS, Code.HTTP], True) == (_codes(found), is_reached)  # the proxy tells no time
    assert "the certificate of 127.0.0.1 ends in " in found[2].text


def test_a_certificate_that_ends_soon_is_a_warning(proxy, monkeypatch, mocker):
    """Three weeks before, and the way is still walked to its end."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    mocker.patch.object(module, "_FEW_DAYS", 40_000)

    found, is_reached = _walked(proxy("good.pem").url)

    assert (Code.CERTIFICATE_ENDS, True) == (found[2].code, is_reached)


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("expired.pem", "certificate has expired"),
        ("wrong-host.pem", "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ("self-signed.pem", "self-signed certificate"),
    ],
)
def test_a_certificate_that_is_not_accepted_ends_the_way(proxy, monkeypatch, certificate, reason):
    """With the reason, and without a request."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    front = proxy(certificate)

    found, is_reached = _walked(front.url)

    assert ([Code.DNS, Code.TCP, Code.TLS_FAILS], False) == (_codes(found), is_reached)
    assert f"Conductor: the certificate of 127.0.0.1 is not accepted: {reason}" == found[-1].text.replace(
        "self signed", "self-signed"
    )
    assert 0 == sum(front.lines.values())


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail.example ESMTP\r\n", b"SSH-2.0-x\r\n"]
)
def test_a_port_without_tls_is_reported_as_that(answer):
    """There is no certificate that could be wrong."""
    with listening(answer) as (port, _):
        url = f"http://127.0.0.1:{port}"
        found, is_reached = _walked(url.replace("http:", "https:"))

    assert ([Code.DNS, Code.TCP, Code.TLS_FAILS], False) == (_codes(found), is_reached)
    there = url.removeprefix("http://")
    assert found[-1].text.startswith(f"Conductor: {there} responds, but without TLS (")
    assert "certificate" not in found[-1].text + found[-1].advice
    assert "check the port in CONDUCTOR_URL" in found[-1].advice


@pytest.mark.parametrize("answer", [b"", bytes([21, 3, 1, 0, 2, 2, 40])])
def test_a_handshake_that_fails_blames_no_certificate(answer):
    """Somebody hangs up, or answers with an alert."""
    with listening(answer) as (port, _):
        url = f"http://127.0.0.1:{port}"
        found, is_reached = _walked(url.replace("http:", "https:"), "Conduit Link")

    assert (Code.TLS_FAILS, False) == (found[-1].code, is_reached)
    there = url.removeprefix("http://")
    assert found[-1].text.startswith(f"Conduit Link: the TLS handshake with {there} failed: ")
    assert "certificate" not in found[-1].text + found[-1].advice


def test_a_folder_of_certificates_can_be_named(proxy, monkeypatch, tmp_path):
    """It is empty here, so that nothing is trusted."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))

    found, _ = _walked(proxy("good.pem").url)

    assert Code.TLS_FAILS is found[-1].code


def test_several_folders_of_certificates_can_be_named(proxy, monkeypatch, tmp_path):
    """As OpenSSL takes them: a list, and files that are named as `openssl rehash` does."""
    (tmp_path / "f0f75c6a.0").write_bytes((CERTIFICATES / "authority.pem").read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", f"{CERTIFICATES}{os.pathsep}{tmp_path}")

    found, is_reached = _walked(proxy("good.pem").url)

    assert ([Code.DNS, Code.TCP, Code.TLS, Code.HTTP], True) == (_codes(found), is_reached)


def test_certificates_that_are_not_there_end_the_way(monkeypatch):
    """Before anybody is asked."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")

    (finding,), is_reached = _walked("https://127.0.0.1:1")

    assert (Code.TLS_FAILS, False) == (finding.code, is_reached)
    assert "SSL_CERT_FILE names /nowhere.pem, which does not exist: correct it or unset it" == finding.text


@pytest.mark.parametrize("host", ["nobody.invalid", f"{'a' * 64}.example"])
def test_a_name_without_an_address_ends_the_way(mocker, host):
    """Also one that no name server could be asked for."""
    if host.endswith(".invalid"):  # no test reaches a network
        mocker.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "Name or service not known"))

    (finding,), is_reached = _walked(f"https://{host}")

    assert (Code.DNS_FAILS, False) == (finding.code, is_reached)
    assert finding.text.startswith(f"Conductor: the name {host} has no address: ")


def test_a_port_that_refuses_ends_the_way():
    """With the way out that is likeliest."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    found, is_reached = _walked(f"http://127.0.0.1:{port}", "Conduit Link")

    assert ([Code.DNS, Code.TCP_FAILS], False) == (_codes(found), is_reached)
    assert f"Conduit Link: no connection to 127.0.0.1:{port}: Connection refused" == found[-1].text


def test_a_connection_that_takes_too_long_ends_the_way(mocker):
    """In words that say how long."""
    mocker.patch.object(socket, "create_connection", side_effect=TimeoutError)

    found, _ = _walked("http://127.0.0.1:1")

    assert "Conductor: no connection to 127.0.0.1:1: timed out after 10 s" == found[-1].text


def test_what_is_no_http_is_no_answer():
    """Some other service listens there."""
    with listening(b"220 mail.example ESMTP\r\n") as (port, _):
        url = f"http://127.0.0.1:{port}"
        found, is_reached = _walked(url)

    assert ([Code.DNS, Code.TCP, Code.HTTP_FAILS], False) == (_codes(found), is_reached)
    assert found[-1].text.startswith(f"Conductor: no response from {url}: ")


@pytest.mark.parametrize(
    ("date", "code", "text"),
    [
        ("Thu, 01 Jan 2026 00:00:00 GMT", Code.CLOCK_OFF, " s behind this one"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", Code.CLOCK_OFF, " s ahead of this one"),
        ("no date", None, ""),
    ],
)
def test_a_clock_that_is_off_is_a_warning(date, code, text):
    """Where the answer has a date at all."""
    head = f"HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with listening(head.encode()) as (port, _):
        url = f"http://127.0.0.1:{port}"
        found, is_reached = _walked(url)

    assert is_reached
    assert ([code] if code else []) == _codes(found)[3:]
    assert found[-1].text.endswith(text)


def test_behind_a_proxy_only_the_answer_is_tried(mocker, monkeypatch):
    """The steps before it are the proxy's, whose address may hold a password and is not shown."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:9")
    lookup = mocker.spy(socket, "getaddrinfo")

    found, is_reached = _walked("https://conductor.example")

    assert ([Code.PROXY, Code.HTTP_FAILS], False) == (_codes(found), is_reached)
    assert "hunter2" not in str(found)
    assert "conductor.example" not in str(lookup.call_args_list)
