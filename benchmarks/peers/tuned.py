"""The tuned naive provider: one pooled session and one login per process. Still a GET per read and 4 workers."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks.bare import Bare
from benchmarks.formulas import CHANGES, COMPANIES, ONCE, USERS
from benchmarks.peer import Kind, Peer
from benchmarks.peers import naive

__all__ = ["PEER", "declare"]

PEER = Peer(
    name="tuned",
    what="the naive provider with one pooled session and one login",
    kind=Kind.PULUMI,
    calls={
        "up": {
            "POST /login": ONCE,
            "POST /users": USERS,
            "PUT /users/{userEmail}/accounts": USERS,
            "POST /link/company/": COMPANIES,
        },
        "refresh": {
            "POST /login": ONCE,
            "GET /users/{userEmail}": USERS,
            "GET /users/{userEmail}/accounts": USERS,
            "GET /link/company/{id}/": COMPANIES,
        },
        "change": {"POST /login": ONCE, "PUT /users/{userEmail}/type": CHANGES},
        "destroy": {
            "POST /login": ONCE,
            "PUT /users/{userEmail}/accounts": USERS,
            "PUT /users/{userEmail}/status": USERS,
        },
    },
)

_SERVER_THREADS = 4


@cache
def _client() -> Bare:
    """Return the one client of this process: providers are pickled and cannot hold it."""
    return Bare(_SERVER_THREADS)


class Pooled(naive.Naive):
    """Makes calls over one session, after one login."""

    serialize_as_secret_always = False

    def conductor(self, method: str, path: str, body: Any = None) -> Any:
        """Make one call."""
        return _client().conductor(method, path, body)

    def link(self, method: str, path: str, body: Any = None) -> Any:
        """Make one call."""
        return _client().link(method, path, body)


class UserProvider(Pooled, naive.UserProvider):
    """Drives users."""


class GrantProvider(Pooled, naive.GrantProvider):
    """Drives grants."""


class CompanyProvider(Pooled, naive.CompanyProvider):
    """Drives companies."""


def declare() -> None:
    """Declare everything in the program that is running."""
    naive.declare_with(UserProvider(), GrantProvider(), CompanyProvider())
