"""Raw HTTP clients for the sandbox: nothing of the provider's own client, which must not judge itself."""

from __future__ import annotations

import pytest
import requests


class Client:
    """One API's base URL and a bearer token."""

    def __init__(self, base_url, token=None):
        """Keep out of the environment's proxies and netrc."""
        self._base_url = base_url
        self.session = requests.Session()
        self.session.trust_env = False
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method, path, json=None, **kwargs):
        """Send one request."""
        return self.session.request(method, self._base_url + path, json=json, timeout=30, **kwargs)


@pytest.fixture
def connect():
    """Return a way to make clients that are closed in the end."""
    clients = []

    def make(base_url, token=None):
        clients.append(Client(base_url, token))
        return clients[-1]

    yield make
    for client in clients:
        client.session.close()


@pytest.fixture
def link(sandbox, connect):
    """Return a client of the default Link APP."""
    return connect(sandbox.link_url, sandbox.link.app_token())


@pytest.fixture
def log_in(sandbox, connect):
    """Return a way to log in, as the default identity unless another is named."""

    def client_of(username="admin@sandbox.example"):
        credentials = {"username": username, "password": sandbox.conductor.password(username)}
        answer = connect(sandbox.conductor_url)("POST", "/login", credentials)
        return connect(sandbox.conductor_url, answer.json()["accessToken"])

    return client_of


@pytest.fixture
def conductor(sandbox, log_in):
    """Return a client of the default identity, its login not in the log."""
    client = log_in()
    sandbox.forget_requests()
    return client


@pytest.fixture
def whole(sandbox, connect):
    """Return a client of everything that the sandbox serves."""
    return connect(sandbox.link_url)


@pytest.fixture
def events(whole):
    """Return a way to see the console's log."""
    return lambda: whole("GET", "/_sandbox/console/view").json()["events"]


@pytest.fixture
def operator(sandbox, connect):
    """Return a client of the operator's endpoints."""
    return connect(f"{sandbox.link_url}/_sandbox")


@pytest.fixture
def ann(sandbox):
    """Put a plain user with accounts 1 and 2."""
    return sandbox.conductor.put_user("ann@acme.example", accounts=[1, 2])["email"]


@pytest.fixture
def new_user():
    """Return the body of a user to create."""

    def body(email="bob@acme.example", **fields):
        return {
            "email": email,
            "firstname": "Bob",
            "lastname": "Brown",
            "sso_access": False,
            "type": "READ_ONLY",
            "view": "COMPLETE",
            "accounts": [1],
            **fields,
        }

    return body
