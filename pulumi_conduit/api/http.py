"""One attempt at one request over HTTP: the only place that sends, and what its exceptions mean."""

from __future__ import annotations

import os
import ssl
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import requests
import urllib3
from requests.auth import AuthBase

from pulumi_conduit import __version__
from pulumi_conduit.api.connections import DeadlineAdapter, TlsSettings, handshake_failure
from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure
from pulumi_conduit.api.routes import Api, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.settings import Secret

__all__ = ["HttpSender", "Timeouts", "classify_exception", "new_session", "probe"]

# Checked in order against the exception and its wrapped causes; the first match wins.
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], Delivery, str], ...] = (
    ((ssl.SSLCertVerificationError,), Delivery.UNSENDABLE, "its certificate cannot be verified"),
    ((urllib3.exceptions.InvalidHeader,), Delivery.UNANSWERED, "its response has contradictory headers"),
    (
        (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError),
        Delivery.UNSENT,
        "the proxy cannot be reached or refuses to connect",
    ),
    ((urllib3.exceptions.NameResolutionError,), Delivery.UNSENT, "its host name cannot be resolved"),
    (
        (requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError),
        Delivery.UNSENT,
        "the connection timed out or was refused",
    ),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidHeader,
            urllib3.exceptions.LocationValueError,
            urllib3.exceptions.ProxySchemeUnsupported,
        ),
        Delivery.UNSENDABLE,
        "the request cannot be sent there, or not through the configured proxy",
    ),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        Delivery.UNANSWERED,
        "the response did not arrive in time",
    ),
)
_CONNECTION_CLOSED = TransportFailure(Delivery.UNANSWERED, "the connection closed before the response was complete")


def classify_exception(error: BaseException) -> TransportFailure:
    """Return the transport failure that an exception means."""
    causes = list(_iter_causes(error))
    if refused := next(filter(None, map(handshake_failure, causes)), None):
        return TransportFailure(Delivery.UNSENDABLE, refused)
    for kinds, delivery, reason in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return TransportFailure(delivery, reason)
    return _CONNECTION_CLOSED


def _iter_causes(error: BaseException) -> Iterator[BaseException]:
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _iter_causes(inner)


_CHUNK_BYTES = 65_536


def read_response(response: requests.Response, limit_bytes: int) -> ApiResponse | TransportFailure:
    """Read a response; of an error response the status is enough, but for a 404, whose form says what is not found."""
    if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
        return TransportFailure(Delivery.UNREADABLE, "it switches to another protocol, although that was not asked for")
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = _read_body(response, headers, limit_bytes)
    if isinstance(body, bytes):
        return ApiResponse(response.status_code, headers, body)
    is_status_enough = not 200 <= response.status_code < 300 and response.status_code != HTTPStatus.NOT_FOUND
    return ApiResponse(response.status_code, headers, b"") if is_status_enough else body


def _read_body(response: requests.Response, headers: dict[str, str], limit_bytes: int) -> bytes | TransportFailure:
    if headers.get("content-encoding", "identity").lower() != "identity":
        return TransportFailure(Delivery.UNREADABLE, "it is compressed, although that was not asked for")
    try:
        return _read_chunks(response.raw, limit_bytes)
    except urllib3.exceptions.HTTPError as error:
        return classify_exception(error)


def _read_chunks(raw: urllib3.HTTPResponse, limit_bytes: int) -> bytes | TransportFailure:
    body = bytearray()
    while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > limit_bytes:
            return TransportFailure(Delivery.UNREADABLE, f"it is longer than {limit_bytes} bytes")
    return bytes(body)


@dataclass(frozen=True)
class Timeouts:
    """The longest waits for a connection and for the next bytes, in seconds."""

    connect_s: float = 10.0
    read_s: float = 30.0

    def within(self, left_s: float) -> tuple[float, float]:
        """Return both, capped at `left_s`."""
        return min(self.connect_s, left_s), min(self.read_s, left_s)


class _Session(requests.Session):
    """A session that ignores redirects; `requests` would read their whole body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None, so that no redirect is followed."""
        del resp


class _Bearer(AuthBase):
    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return r


class HttpSender:
    """Send requests below one base URL; thread-safe."""

    def __init__(self, base_url: str, tls: TlsSettings, session: requests.Session, timeouts: Timeouts) -> None:
        """Take the normalised base URL, the TLS settings, the session and the timeouts."""
        self._base_url = base_url
        self._tls = tls
        self._session = session
        self._timeouts = timeouts

    def attempt(self, request: ApiRequest, token: Secret | None, left_s: float) -> ApiResponse | TransportFailure:
        """Send once, within `left_s` seconds, and return the response or the failure."""
        try:
            response = self._session.send(
                self._prepare(request, token),
                stream=True,
                allow_redirects=False,
                timeout=self._timeouts.within(left_s),
                verify=self._tls.verify,
                proxies=self._tls.proxies,
            )
        except (OSError, urllib3.exceptions.HTTPError, urllib3.exceptions.ProxySchemeUnsupported) as error:
            return classify_exception(error)
        with closing(response):
            return read_response(response, request.limit_bytes)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def _prepare(self, api_request: ApiRequest, token: Secret | None) -> requests.PreparedRequest:
        url = self._base_url + api_request.path
        content = api_request.content
        headers = {} if content is None else {"Content-Type": "application/json"}
        auth = _Bearer(token) if token else None
        request = requests.Request(api_request.route.verb, url, headers=headers, data=content, auth=auth)
        prepared = self._session.prepare_request(request)
        # `requests` re-encodes URLs; an id must arrive as it was encoded here.
        prepared.url = url
        return prepared


def new_session(workers: int) -> requests.Session:
    """Return a session with a connection per worker, and without the environment and the cookies of `requests`."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": _user_agent()})
    for prefix in ("https://", "http://"):
        session.mount(prefix, DeadlineAdapter(pool_connections=1, pool_maxsize=workers))
    return session


@lru_cache(maxsize=1)
def _user_agent() -> str:
    return f"pulumi-conduit/{__version__}"


def probe(
    api: Api, base_url: str, timeout_s: float, environ: Mapping[str, str] = os.environ
) -> ApiResponse | TransportFailure:
    """GET the base URL once, without a credential, and return the response or the failure."""
    sender = HttpSender(base_url, TlsSettings.towards(base_url, environ), new_session(1), Timeouts())
    with closing(sender):
        return sender.attempt(ApiRequest(Route(api, "probe", "GET", "/", is_idempotent=True)), None, timeout_s)
