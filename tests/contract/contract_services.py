"""Where the two APIs are, what of them is ours to touch, and the fence around that; knows no description."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Namespace", "OutsideError", "Service", "missing_variables", "real_conductor", "real_link", "token_of"]

_LINK = ("CONTRACT_LINK_URL", "CONTRACT_LINK_APP_TOKEN", "CONTRACT_NAMESPACE")
_CONDUCTOR = (
    "CONTRACT_CONDUCTOR_URL",
    "CONTRACT_CONDUCTOR_USERNAME",
    "CONTRACT_CONDUCTOR_PASSWORD",
    "CONTRACT_NAMESPACE",
    "CONTRACT_EMAIL_DOMAIN",
)
_TIMEOUT_S = 30


class OutsideError(AssertionError):
    """A test was about to touch what is not its own."""


@dataclass(frozen=True)
class Namespace:
    """Three companies and three people with a prefix of their own: nothing can be deleted, so no more are made."""

    prefix: str
    domain: str

    def __post_init__(self) -> None:
        """Refuse a prefix that is no part of a company id."""
        if not re.fullmatch(r"[A-Za-z0-9]{3,40}", self.prefix):
            raise ValueError(f"CONTRACT_NAMESPACE {self.prefix!r} is not 3 to 40 of A-Z, a-z, 0-9")

    @property
    def company_ids(self) -> list[str]:
        """The companies that are ours."""
        return [f"{self.prefix}{number}" for number in (1, 2, 3)]

    @property
    def emails(self) -> list[str]:
        """The people who are ours."""
        return [f"{self.prefix.lower()}.{name}@{self.domain}" for name in ("ada", "bob", "eve")]

    def holds(self, name: str) -> bool:
        """Say whether a company id or an email is ours."""
        return name.lower() in {each.lower() for each in (*self.company_ids, *self.emails)}


class Service(requests.Session):
    """One API and the session that reaches it, which lets nothing out but what the namespace holds."""

    def __init__(self, base_url: str, token: str, namespace: Namespace, *, may_write: bool, is_real: bool) -> None:
        """Keep out of the environment's proxies and netrc."""
        super().__init__()
        self.trust_env = False
        self.headers["Authorization"] = f"Bearer {token}"
        self.base_url = base_url.rstrip("/")
        self.namespace = namespace
        self.may_write = may_write
        self.is_real = is_real
        self.begin_anew: Callable[[], None] = lambda: None

    def __call__(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
        """Send one request with a JSON body, or with none."""
        return self.request(method, self.base_url + path, json=body, params=params, timeout=_TIMEOUT_S)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, unless the request would touch what is not ours."""
        self.refuse_strangers(request)
        return super().send(request, **kwargs)

    def refuse_strangers(self, request: requests.PreparedRequest) -> None:
        """Refuse writes where there shall be none, and any company or person outside the namespace."""
        if request.method != "GET" and not self.may_write:
            raise OutsideError(f"{request.method} without CONTRACT_WRITES=1")
        named = [*_named_in_path(request, self.base_url), *_named_in_body(request)]
        strangers = [name for name in named if not self.namespace.holds(name)]
        if strangers or (request.method != "GET" and not named):
            raise OutsideError(f"{request.method} {request.url} is outside the namespace")


def _named_in_path(request: requests.PreparedRequest, base_url: str) -> list[str]:
    below = urlsplit(request.url or "").path.removeprefix(urlsplit(base_url).path)
    found = re.match(r"/(?:link/company|users)/([^/]+)", below)
    return [unquote(found[1])] if found else []


def _named_in_body(request: requests.PreparedRequest) -> list[str]:
    body = json.loads(request.body) if request.body else {}
    return [body[key] for key in ("id", "email") if key in body]


def missing_variables(api: str) -> list[str]:
    """Return the variables that lead to a real service and are not set."""
    return [name for name in {"link": _LINK, "conductor": _CONDUCTOR}[api] if not os.environ.get(name)]


def real_link(environ: Mapping[str, str]) -> Service:
    """Return the real Link API, as the variables say."""
    url, token, prefix = (environ[name] for name in _LINK)
    namespace = Namespace(prefix, "none.invalid")
    return Service(url, token, namespace, may_write=environ.get("CONTRACT_WRITES") == "1", is_real=True)


def real_conductor(environ: Mapping[str, str]) -> Service:
    """Return the real Conductor API, logged in to once: a second wrong password could lock the account."""
    url, username, password, prefix, domain = (environ[name] for name in _CONDUCTOR)
    may_write = environ.get("CONTRACT_WRITES") == "1"
    token = _logged_in(url, username, password)
    return Service(url, token, Namespace(prefix, domain), may_write=may_write, is_real=True)


def token_of(sandbox: Any) -> str:
    """Log in to the stand-in."""
    username = "admin@sandbox.example"
    return _logged_in(sandbox.conductor_url, username, sandbox.conductor.password(username))


def _logged_in(url: str, username: str, password: str) -> str:
    credentials = {"username": username, "password": password}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{url.rstrip('/')}/login", json=credentials, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()["accessToken"]
