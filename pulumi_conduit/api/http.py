"""One attempt at one request over HTTP: the only place that sends, and what its exceptions mean."""

from __future__ import annotations

import os
import ssl
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING

import requests
import urllib3
from requests.auth import AuthBase

from pulumi_conduit.api.deadline_adapter import DeadlineAdapter
from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure
from pulumi_conduit.api.routes import Api, Route
from pulumi_conduit.api.tls import TlsSettings, handshake_failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.settings import Secret

__all__ = ["HttpSender", "Timeouts", "classify_exception", "new_session", "probe"]

# Looked up from the top, through the causes that the libraries wrap; the first that fits wins.
_LOSSES: tuple[tuple[tuple[type[BaseException], ...], Delivery, str], ...] = (
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
        "the answer did not come in time",
    ),
)
_BROKEN = TransportFailure(Delivery.UNANSWERED, "the connection broke before the answer was complete")


def classify_exception(error: BaseException) -> TransportFailure:
    """Return what became of a request that ended in this exception."""
    causes = list(_causes(error))
    if refused := next(filter(None, map(handshake_failure, causes)), None):
        return TransportFailure(Delivery.UNSENDABLE, refused)
    for kinds, fate, reason in _LOSSES:
        if any(isinstance(cause, kinds) for cause in causes):
            return TransportFailure(fate, reason)
    return _BROKEN


def _causes(error: BaseException) -> Iterator[BaseException]:
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


_PIECE_BYTES = 65_536


def read_response(response: requests.Response, limit_bytes: int) -> ApiResponse | TransportFailure:
    """Read a response whole; of a refusal the status is enough, but for a 404, whose form says what is not found."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = _body(response, headers, limit_bytes)
    if isinstance(body, bytes):
        return ApiResponse(response.status_code, headers, body)
    is_status_enough = not 200 <= response.status_code < 300 and response.status_code != HTTPStatus.NOT_FOUND
    return ApiResponse(response.status_code, headers, b"") if is_status_enough else body


def _body(response: requests.Response, headers: dict[str, str], limit_bytes: int) -> bytes | TransportFailure:
    if headers.get("content-encoding", "identity").lower() != "identity":
        return TransportFailure(Delivery.UNREADABLE, "it is compressed, although that was not asked for")
    try:
        return _pieces(response.raw, limit_bytes)
    except urllib3.exceptions.HTTPError as error:
        return classify_exception(error)


def _pieces(raw: urllib3.HTTPResponse, limit_bytes: int) -> bytes | TransportFailure:
    body = bytearray()
    while piece := raw.read1(_PIECE_BYTES, decode_content=False):
        body += piece
        if len(body) > limit_bytes:
            return TransportFailure(Delivery.UNREADABLE, f"it is longer than {limit_bytes} bytes")
    return bytes(body)


@dataclass(frozen=True)
class Timeouts:
    """The longest waits for a connection and for the next bytes, in seconds."""

    connect_s: float = 10.0
    read_s: float = 30.0

    def within(self, left_s: float) -> tuple[float, float]:
        """Return both, cut to what is left."""
        return min(self.connect_s, left_s), min(self.read_s, left_s)


class _Session(requests.Session):
    """A session that never looks where a redirect leads; `requests` would read its whole body to find out."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nothing, so that nothing is followed."""
        del resp


class _Bearer(AuthBase):
    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return r


class HttpSender:
    """Send requests below one base URL, from any number of threads."""

    def __init__(self, base_url: str, trust: TlsSettings, session: requests.Session, timeouts: Timeouts) -> None:
        """Take the normalised base URL and whom to trust on the way there."""
        self._base_url = base_url
        self._trust = trust
        self._session = session
        self._timeouts = timeouts

    def attempt(self, call: ApiRequest, token: Secret | None, left_s: float) -> ApiResponse | TransportFailure:
        """Send once, with nothing lasting longer than the `left_s` seconds, and return what came of it."""
        try:
            response = self._session.send(
                self._prepared(call, token),
                stream=True,
                allow_redirects=False,
                timeout=self._timeouts.within(left_s),
                verify=self._trust.verify,
                proxies=self._trust.proxies,
            )
        except (OSError, urllib3.exceptions.HTTPError, urllib3.exceptions.ProxySchemeUnsupported) as error:
            return classify_exception(error)
        with closing(response):
            return read_response(response, call.limit_bytes)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def _prepared(self, call: ApiRequest, token: Secret | None) -> requests.PreparedRequest:
        url = self._base_url + call.path
        content = call.content
        headers = {} if content is None else {"Content-Type": "application/json"}
        auth = _Bearer(token) if token else None
        request = requests.Request(call.route.verb, url, headers=headers, data=content, auth=auth)
        prepared = self._session.prepare_request(request)
        # `requests` spells URLs its own way; an id must arrive as it was encoded.
        prepared.url = url
        return prepared


def new_session(workers: int) -> requests.Session:
    """Return a session with a connection for each worker, and none of the conveniences of `requests`."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": _user_agent()})
    for prefix in ("https://", "http://"):
        session.mount(prefix, DeadlineAdapter(pool_connections=1, pool_maxsize=workers))
    return session


@lru_cache(maxsize=1)
def _user_agent() -> str:
    return f"pulumi-conduit/{version('pulumi-conduit')}"


def probe(
    api: Api, base_url: str, timeout_s: float, environ: Mapping[str, str] = os.environ
) -> ApiResponse | TransportFailure:
    """Ask for the base URL itself, once and without a credential, and return what came of it."""
    wire = HttpSender(base_url, TlsSettings.towards(base_url, environ), new_session(1), Timeouts())
    with closing(wire):
        return wire.attempt(ApiRequest(Route(api, "probe", "GET", "/", is_idempotent=True)), None, timeout_s)
