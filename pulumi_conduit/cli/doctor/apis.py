"""Checks of each API: DNS, TCP, TLS, HTTP response, clock and credentials."""

from __future__ import annotations

import os
import socket
import ssl
import time
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_conduit.api.connections import NO_TLS, TlsSettings
from pulumi_conduit.api.factory import connect_conductor, connect_link, without_retries
from pulumi_conduit.api.http import probe
from pulumi_conduit.api.request import ApiResponse
from pulumi_conduit.cli.doctor.findings import Code, Finding
from pulumi_conduit.errors import (
    AccessDeniedError,
    ApiError,
    ConduitError,
    HTTPStatusError,
    NotFoundError,
    SettingsError,
    escaped,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.api.routes import Api
    from pulumi_conduit.cli.doctor.findings import Examined

__all__ = ["check_connection", "conductor", "link", "offline"]

_TIMEOUT_S = 10
_DAY_S = 86_400
_FEW_DAYS = 21
_SKEW_S = 60
_URLS = {"Conduit Link": "CONDUIT_LINK_URL", "Conductor": "CONDUCTOR_URL"}


def check_connection(api: Api, url: str) -> Generator[Finding, None, bool]:
    """Test the connection to an API's base URL; return whether it responds."""
    try:
        tls = TlsSettings.towards(url, os.environ)
    except SettingsError as error:
        yield Finding(Code.TLS_FAILS, str(error), "correct the variable, or unset it")
        return False
    if tls.proxies:
        yield Finding(Code.PROXY, f"{api}: a proxy is configured, so DNS, TCP and TLS are not tested")
    elif not (yield from _check_tcp(api, url, tls)):
        return False
    return (yield from _check_http(api, url))


def _check_tcp(api: Api, url: str, tls: TlsSettings) -> Generator[Finding, None, bool]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:  # the latter for a name that no name server could be asked for
        advice = f"check {_URLS[api]}, the network and its name server"
        yield Finding(Code.DNS_FAILS, f"{api}: the name {host} has no address: {_reason(error)}", advice)
        return False
    yield Finding(Code.DNS, f"{api}: {host} is {', '.join(sorted(addresses))}")
    try:
        connection = socket.create_connection((host, port), timeout=_TIMEOUT_S)
    except OSError as error:
        advice = "check the network, its firewall, and whether a proxy is needed (HTTPS_PROXY)"
        yield Finding(Code.TCP_FAILS, f"{api}: no connection to {host}:{port}: {_reason(error)}", advice)
        return False
    with closing(connection):
        yield Finding(Code.TCP, f"{api}: {host}:{port} accepts connections")
        return (yield from _check_tls(api, url, connection, tls)) if parts.scheme == "https" else True


def _check_tls(api: Api, url: str, connection: socket.socket, tls: TlsSettings) -> Generator[Finding, None, bool]:
    host = urlsplit(url).hostname or ""
    try:
        with _context(tls).wrap_socket(connection, server_hostname=host) as wrapped:
            certificate = wrapped.getpeercert() or {}
            version = wrapped.version()
    except OSError as error:
        yield _tls_failure(api, url, error)
        return False
    ends = str(certificate.get("notAfter", ""))
    left = (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY_S
    text = f"{api}: {version}, and the certificate of {host} ends in {left:.0f} days, on {ends}"
    if left < _FEW_DAYS:
        yield Finding(Code.CERTIFICATE_ENDS, text, "tell the API's operator: after that day every request fails")
    else:
        yield Finding(Code.TLS, text)
    return True


def _tls_failure(api: Api, url: str, error: OSError) -> Finding:
    """Return the finding for a failed TLS handshake; about the certificate only if there was one."""
    parts = urlsplit(url)
    there = f"{parts.hostname}:{parts.port or 443}"
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"{api}: the certificate of {parts.hostname} is not accepted: {_reason(error)}"
        return Finding(
            Code.TLS_FAILS, text, "if your network has certificates of its own, name them in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, ssl.SSLError) and error.reason in NO_TLS:
        text = f"{api}: {there} responds, but without TLS ({error.reason})"
        return Finding(Code.TLS_FAILS, text, f"check the port in {_URLS[api]}, and whether this is the API at all")
    text = f"{api}: the TLS handshake with {there} failed: {_reason(error)}"
    return Finding(Code.TLS_FAILS, text, f"check the port in {_URLS[api]}, and what is between: a firewall, a proxy")


def _context(tls: TlsSettings) -> ssl.SSLContext:
    if Path(tls.bundle).is_file():
        return ssl.create_default_context(cafile=tls.bundle)
    return ssl.create_default_context(capath=tls.bundle)


def _check_http(api: Api, url: str) -> Generator[Finding, None, bool]:
    asked_at = time.time()
    outcome = probe(api, url, _TIMEOUT_S)
    if not isinstance(outcome, ApiResponse):
        advice = f"check {_URLS[api]} and the proxies between: this is not a response of the API"
        yield Finding(Code.HTTP_FAILS, f"{api}: no response from {url}: {outcome.reason}", advice)
        return False
    yield Finding(Code.HTTP, f"{api}: {url} responds ({outcome.status} without credentials)")
    yield from _check_clock(api, outcome, asked_at, time.time())
    return True


def _check_clock(api: Api, response: ApiResponse, asked_at: float, received_at: float) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return
    off_s = there - min(max(there, asked_at), received_at)  # a time within the request is exact
    if abs(off_s) < _SKEW_S:
        yield Finding(Code.CLOCK, f"{api}: its clock and this one agree within a minute")
        return
    text = f"{api}: its clock is {abs(off_s):.0f} s {'ahead of' if off_s > 0 else 'behind'} this one"
    yield Finding(Code.CLOCK_OFF, text, "set this machine's clock (NTP): certificates and tokens depend on it")


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return escaped(error.verify_message)
    if isinstance(error, TimeoutError):
        return f"timed out after {_TIMEOUT_S} s"
    if isinstance(error, ssl.SSLError):
        return escaped(error.reason or str(error))
    return escaped(getattr(error, "strerror", None) or str(error))


_DEADLINE_S = 30
_SHOWN = 20
_REFUSED = "correct the credentials before any other run: this was one attempt, and failed logins lock accounts"
_UNANSWERED = "fix the cause and run it again; this was one attempt"
_ELSEWHERE = "if URL and network are right, `pulumi-conduit verify` looks for another path; this was one attempt"
_NO_ROUTE = {404, 405}
_COMPANY = "give --company ID with the id of a company that exists: one GET, which mints a token for ten minutes"


def offline(subject: Examined) -> Iterator[Finding]:
    """Report that `--offline` skips the APIs."""
    if subject.is_offline:
        yield Finding(
            Code.OFFLINE, "no request was sent, because of --offline", "omit --offline to test the connection"
        )


def conductor(subject: Examined) -> Iterator[Finding]:
    """Test the connection to Conductor, log in once, and list the identity's accounts."""
    settings = subject.conductor()
    if settings is None or subject.is_offline or not (yield from check_connection("Conductor", settings.url)):
        return
    try:
        client = connect_conductor(settings, deadline_s=_DEADLINE_S, workers=1, dependencies=without_retries())
    except ConduitError:
        return  # an invalid route file, which another check reports
    yield Finding(Code.LOGIN_TRY, f"Conductor: logging in as {escaped(settings.username)}, once")
    try:
        yield from _check_login(client)
    finally:
        client.close()


def link(subject: Examined) -> Iterator[Finding]:
    """Test the connection to Link, and the token if a company was named."""
    settings = subject.link()
    if settings is None or subject.is_offline or not (yield from check_connection("Conduit Link", settings.url)):
        return
    if subject.company is None:
        text = "Conduit Link: whether the token is accepted is unknown, because every request has an effect"
        yield Finding(Code.TOKEN_UNTESTED, text, _COMPANY)
        return
    client = connect_link(settings, deadline_s=_DEADLINE_S, workers=1, dependencies=without_retries())
    try:
        yield from _check_company(client, subject.company)
    finally:
        client.close()


def _advice_after_login(error: ApiError) -> str:
    if isinstance(error, AccessDeniedError):
        return _REFUSED
    return _ELSEWHERE if isinstance(error, HTTPStatusError) and error.status in _NO_ROUTE else _UNANSWERED


def _check_login(client: ConductorClient) -> Iterator[Finding]:
    try:
        client.log_in()
    except ApiError as error:
        yield Finding(Code.LOGIN_FAILS, str(error), _advice_after_login(error))
        return
    yield Finding(Code.LOGIN, "Conductor: logged in")
    try:
        yield from _check_accounts(client.list_accounts())
    except ApiError as error:
        advice = "check that the identity is an Admin, and the route table"
        yield Finding(Code.ACCOUNTS_FAIL, str(error), advice)


def _check_accounts(accounts: Sequence[AccountRecord]) -> Iterator[Finding]:
    if not accounts:
        advice = "log in as an Admin who owns the accounts that are to be managed"
        yield Finding(Code.ACCOUNTS_NONE, "Conductor: this identity owns no account, so it cannot manage users", advice)
        return
    by_id = sorted(accounts, key=lambda one: one.account_id)
    shown = ", ".join(f"'{escaped(one.name, 80)}' ({one.account_id})" for one in by_id[:_SHOWN])
    more = f" and {len(by_id) - _SHOWN} more" if len(by_id) > _SHOWN else ""
    yield Finding(Code.ACCOUNTS, f"Conductor: this identity owns {len(by_id)} accounts: {shown}{more}")


def _check_company(client: LinkClient, company_id: str) -> Iterator[Finding]:
    try:
        record = client.get_company(company_id)
    except NotFoundError:
        text = f"Conduit Link: the token was not refused, but this Link APP has no company '{escaped(company_id, 80)}'"
        yield Finding(Code.COMPANY_NOT_FOUND, text, "check the id, and whether the token is of the right Link APP")
    except ApiError as error:
        yield Finding(Code.TOKEN_FAILS, str(error), "check CONDUIT_LINK_APP_TOKEN and CONDUIT_LINK_URL")
    else:
        yield Finding(Code.TOKEN, f"Conduit Link: the token opens company '{escaped(record.id, 80)}'")
