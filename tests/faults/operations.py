"""The 16 operations of the two APIs, as the clients make them: 3 of Conduit Link, 13 of Conductor with its login."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from fault_proxy import LOGIN

from pulumi_conduit.api.conductor_client import NewUser

if TYPE_CHECKING:
    from collections.abc import Callable

ANN = "ann@acme.example"
BOB = "bob@acme.example"
ANN_S = f"/users/{ANN}"


class Kind(Enum):
    """What may be done about a lost answer."""

    READ = "a read: repeated"
    LOGIN = "the login: repeated as a read is"
    REPEATABLE = "a PUT or DELETE, whose second time has no effect: repeated"
    POST = "a POST: never sent again unless it has certainly had no effect"


@dataclass(frozen=True)
class Operation:
    """One operation: the request line it makes, and how it is asked for."""

    name: str
    api: str
    kind: Kind
    line: str
    ask: Callable

    @property
    def url(self):
        """The variable that a message about the way to the API names."""
        return {"Conduit Link": "CONDUIT_LINK_URL", "Conductor": "CONDUCTOR_URL"}[self.api]

    @property
    def credentials(self):
        """The advice of a message about refused credentials."""
        if self.api == "Conduit Link":
            return "check CONDUIT_LINK_APP_TOKEN"
        return "check CONDUCTOR_USERNAME and CONDUCTOR_PASSWORD, and what that identity may do"

    @property
    def address(self):
        """The advice of a message about a wrong base URL, without the URL that was tried."""
        return f"check {self.url}" + (" and the route table (CONDUCTOR_ROUTES)" if self.api == "Conductor" else "")

    @property
    def unrenewed(self):
        """The advice of a message about a token that is refused."""
        if self.api == "Conduit Link":
            return self.credentials
        check = f"{self.address}, and that no other process logs in as this identity meanwhile"
        return f"the login succeeded, but its token is refused: {check}"

    @property
    def forbidden(self):
        """The advice of a message about what an identity may not do."""
        if self.api == "Conduit Link" or self.kind is Kind.LOGIN:
            return self.credentials
        check = "the login succeeded, but this identity lacks the permission: check in Conductor that "
        if self.name in ("list_accounts", "list_users"):
            return f"{check}it is an Admin"
        return f"{check}the user is not an ADMIN, and that this identity owns the accounts"

    @property
    def limit(self):
        """How many bytes an answer may have."""
        return (24 if self.name in ("list_accounts", "list_users") else 1) * 2**20


def _link(name, kind, line, ask):
    return Operation(name, "Conduit Link", kind, line, ask)


def _conductor(name, kind, line, ask):
    return Operation(name, "Conductor", kind, line, ask)


_NEW = NewUser(BOB, "Bob", "Builder", sso_access=False, type="STANDARD", view="COMPLETE", accounts=[1, 2])
READ, REPEATABLE, POST = Kind.READ, Kind.REPEATABLE, Kind.POST

OPERATIONS = {
    each.name: each
    for each in (
        _link(
            "create_company", POST, "POST /link/company/", lambda it: it.create_company("NEW", "N", page_enabled=True)
        ),
        _link("get_company", READ, "GET /link/company/ACME/", lambda it: it.get_company("ACME")),
        _link(
            "edit_company",
            POST,
            "POST /link/company/ACME/",
            lambda it: it.edit_company("ACME", "B", page_enabled=False),
        ),
        _conductor("log_in", Kind.LOGIN, LOGIN, lambda it: it.list_accounts()),
        _conductor("list_accounts", READ, "GET /accounts", lambda it: it.list_accounts()),
        _conductor("list_users", READ, "GET /users", lambda it: it.list_users()),
        _conductor("create_user", POST, "POST /users", lambda it: it.create_user(_NEW, send_email=False)),
        _conductor("get_user", READ, f"GET {ANN_S}", lambda it: it.get_user(ANN)),
        _conductor("get_user_accounts", READ, f"GET {ANN_S}/accounts", lambda it: it.get_user_accounts(ANN)),
        _conductor(
            "replace_user_accounts", POST, f"POST {ANN_S}/accounts", lambda it: it.replace_user_accounts(ANN, [1, 5])
        ),
        _conductor(
            "change_user_accounts", REPEATABLE, f"PUT {ANN_S}/accounts", lambda it: it.remove_user_accounts(ANN, [2])
        ),
        _conductor(
            "update_user_account",
            REPEATABLE,
            f"PUT {ANN_S}/accounts/3",
            lambda it: it.update_user_account(ANN, 3, removal=False),
        ),
        _conductor("add_user_account", POST, f"POST {ANN_S}/accounts/3", lambda it: it.add_user_account(ANN, 3)),
        _conductor(
            "remove_user_account", REPEATABLE, f"DELETE {ANN_S}/accounts/2", lambda it: it.remove_user_account(ANN, 2)
        ),
        _conductor(
            "set_user_status", REPEATABLE, f"PUT {ANN_S}/status", lambda it: it.set_user_status(ANN, "INACTIVE")
        ),
        _conductor("set_user_type", REPEATABLE, f"PUT {ANN_S}/type", lambda it: it.set_user_type(ANN, "STANDARD")),
    )
}
