"""One attempt at one request over HTTP: the only place that sends.

Must not repeat, judge a status or raise for what an API does: an attempt ends in an `Answer` or in a `Lost`. Nothing is
followed, decoded, kept as a cookie or taken from the environment here, so that a credential goes to the base URL only
and an answer costs no more memory than its limit.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING

import requests
import urllib3
from requests.auth import AuthBase

from pulumi_conduit.api.body import answer_of
from pulumi_conduit.api.classify_exception import loss_of
from pulumi_conduit.api.deadline_adapter import PunctualAdapter

if TYPE_CHECKING:
    from pulumi_conduit.api.request import Answer, Call, Lost
    from pulumi_conduit.api.tls import Trust
    from pulumi_conduit.settings import Secret

__all__ = ["Timeouts", "Wire", "new_session"]


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


class Wire:
    """Send requests below one base URL, from any number of threads."""

    def __init__(self, base_url: str, trust: Trust, session: requests.Session, timeouts: Timeouts) -> None:
        """Take the normalised base URL and whom to trust on the way there."""
        self._base_url = base_url
        self._trust = trust
        self._session = session
        self._timeouts = timeouts

    def attempt(self, call: Call, token: Secret | None, left_s: float) -> Answer | Lost:
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
            return loss_of(error)
        with closing(response):
            return answer_of(response, call.limit_bytes)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def _prepared(self, call: Call, token: Secret | None) -> requests.PreparedRequest:
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
        session.mount(prefix, PunctualAdapter(pool_connections=1, pool_maxsize=workers))
    return session


@lru_cache(maxsize=1)
def _user_agent() -> str:
    return f"pulumi-conduit/{version('pulumi-conduit')}"
