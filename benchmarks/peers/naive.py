"""The naive dynamic provider, as tutorials show it: a login and a session per call, a GET per read, 4 workers.

Its `create` posts and believes: where tutorials stop, this stops. It is kinder than most in one thing: its classes lie
in a module, so that a state refers to them and does not hold their code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi  # noqa: TC002 - Pulumi reads annotations at run time
import requests
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from benchmarks.declared import FIRST_ACCOUNT, SECOND_ACCOUNT, Declared
from benchmarks.formulas import CHANGES, COMPANIES, USERS
from benchmarks.peer import Kind, Peer

__all__ = ["PEER", "CompanyProvider", "GrantProvider", "Naive", "UserProvider", "declare", "declare_with"]

PEER = Peer(
    name="naive",
    what="dynamic provider as tutorials show it: login and session per call, GET per read",
    kind=Kind.PULUMI,
    calls={
        "up": {
            "POST /login": 2 * USERS,
            "POST /users": USERS,
            "PUT /users/{userEmail}/accounts": USERS,
            "POST /link/company/": COMPANIES,
        },
        "refresh": {
            "POST /login": 2 * USERS,
            "GET /users/{userEmail}": USERS,
            "GET /users/{userEmail}/accounts": USERS,
            "GET /link/company/{id}/": COMPANIES,
        },
        "change": {"POST /login": CHANGES, "PUT /users/{userEmail}/type": CHANGES},
        "destroy": {
            "POST /login": 2 * USERS,
            "PUT /users/{userEmail}/accounts": USERS,
            "PUT /users/{userEmail}/status": USERS,
        },
    },
)

Properties = Mapping[str, Any]
_TIMEOUT_S = 60


class Naive(ResourceProvider):
    """Makes calls as if each were the only one."""

    def conductor(self, method: str, path: str, body: Any = None) -> Any:
        """Log in, and make one call."""
        url = os.environ["CONDUCTOR_URL"]
        credentials = {"username": os.environ["CONDUCTOR_USERNAME"], "password": os.environ["CONDUCTOR_PASSWORD"]}
        login = requests.post(f"{url}/login", json=credentials, timeout=_TIMEOUT_S)
        login.raise_for_status()
        return self._sent(method, f"{url}{path}", body, login.json()["accessToken"])

    def link(self, method: str, path: str, body: Any = None) -> Any:
        """Make one call with the token that there is."""
        url = f"{os.environ['CONDUIT_LINK_URL']}{path}"
        return self._sent(method, url, body, os.environ["CONDUIT_LINK_APP_TOKEN"])

    def _sent(self, method: str, url: str, body: Any, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()

    def diff(self, _id: str, olds: Properties, news: Properties) -> DiffResult:
        """Compare what the program declares."""
        return DiffResult(changes=any(olds.get(name) != value for name, value in plain(news).items()))


class UserProvider(Naive):
    """Drives users."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create a user."""
        self.conductor("POST", "/users", {**plain(props), "accounts": [FIRST_ACCOUNT]})
        return CreateResult(str(props["email"]), props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read a user."""
        user = self.conductor("GET", f"/users/{id_}")
        live = {name: user.get(name, value) for name, value in props.items()}
        return ReadResult(id_, live, live)

    def update(self, id_: str, _olds: Properties, news: dict[str, Any]) -> UpdateResult:
        """Set the type: all that can be changed."""
        self.conductor("PUT", f"/users/{id_}/type", {"type": news["type"]})
        return UpdateResult(news)

    def delete(self, id_: str, _props: Properties) -> None:
        """Deactivate a user."""
        self.conductor("PUT", f"/users/{id_}/status", {"status": "INACTIVE"})


class GrantProvider(Naive):
    """Drives grants."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Add the account."""
        account = int(props["account"])
        self.conductor("PUT", f"/users/{props['user']}/accounts", {"accounts": [account]})
        return CreateResult(f"{props['user']}:{account}", props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look whether the account is there."""
        accounts = self.conductor("GET", f"/users/{props['user']}/accounts")["accounts"]
        return ReadResult(id_, props, props) if int(props["account"]) in accounts else ReadResult("", {})

    def delete(self, _id: str, props: Properties) -> None:
        """Remove the account."""
        body = {"accounts": [int(props["account"])]}
        self.conductor("PUT", f"/users/{props['user']}/accounts?removal=true", body)


class CompanyProvider(Naive):
    """Drives companies, which nobody can delete."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create a company."""
        self.link("POST", "/link/company/", plain(props))
        return CreateResult(str(props["id"]), props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read a company."""
        live = {**props, "name": self.link("GET", f"/link/company/{id_}/")["name"]}
        return ReadResult(id_, live, live)


def plain(props: Properties) -> dict[str, Any]:
    """Return what is declared, without what the SDK keeps beside it."""
    return {name: value for name, value in props.items() if not name.startswith("__")}


class User(Resource, module="bench", name="User"):
    """A user."""

    email: pulumi.Output[str]


class Grant(Resource, module="bench", name="Grant"):
    """A grant."""


class Company(Resource, module="bench", name="Company"):
    """A company."""


def declare() -> None:
    """Declare everything in the program that is running."""
    declare_with(UserProvider(), GrantProvider(), CompanyProvider())


def declare_with(users: ResourceProvider, grants: ResourceProvider, companies: ResourceProvider) -> None:
    """Declare everything with these providers."""
    declared = Declared.here()
    for person in declared.people:
        properties = {name: value for name, value in person.as_json().items() if name != "accounts"}
        user = User(users, person.email, properties)
        Grant(grants, f"{person.email}-grant", {"user": user.email, "account": SECOND_ACCOUNT})
    for company in declared.companies:
        Company(companies, company.company_id, {"id": company.company_id, "name": company.name})
