"""The client of the Conductor User Management API: accounts, users, and which user has which account.

Must not know what is declared or stored. Source: Conductor User Management API 1.0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter

from pulumi_conduit.api.parsing import parse_item, require_id
from pulumi_conduit.api.records import (
    AccountRecord,
    AccountsAnswer,
    StatusAnswer,
    TypeAnswer,
    UnreadableUser,
    UserRecord,
)
from pulumi_conduit.api.request import ApiRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pulumi_conduit.api.executor import Transport
    from pulumi_conduit.api.routes import RouteTable

__all__ = ["ConductorClient", "NewUser"]

_ACCOUNT_LIST = TypeAdapter(list[AccountRecord])
_ITEMS = TypeAdapter(list[Any])
_USER = TypeAdapter(UserRecord)
_ACCOUNTS = TypeAdapter(AccountsAnswer)
_STATUS = TypeAdapter(StatusAnswer)
_TYPE = TypeAdapter(TypeAnswer)
_LIST_BYTES = 24 * 2**20  # some 90,000 users; whatever is sent, no answer may cost more than 32 MiB
T = TypeVar("T")


@dataclass(frozen=True)
class NewUser:
    """A user to be created; a `status` of None is left to the API, which makes the user ACTIVE."""

    email: str
    first_name: str
    last_name: str
    sso_access: bool
    type: str
    view: str
    accounts: Sequence[int]
    status: Literal["INACTIVE"] | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the body of the request."""
        body: dict[str, Any] = {
            "email": self.email,
            "firstname": self.first_name,
            "lastname": self.last_name,
            "sso_access": self.sso_access,
            "type": self.type,
            "view": self.view,
            "accounts": list(self.accounts),
        }
        return body if self.status is None else {**body, "status": self.status}


class ConductorClient:
    """Ask and tell about users and accounts, from any number of threads."""

    def __init__(self, transport: Transport, routes: RouteTable) -> None:
        """Take the transport and the route table; `connect_conductor` makes both."""
        self._transport = transport
        self._routes = routes

    def log_in(self) -> None:
        """Log in, unless this process has; every other call does so by itself."""
        self._transport.authorise()

    def list_accounts(self) -> list[AccountRecord]:
        """Return the accounts that this identity owns."""
        return self._transport.ask(ApiRequest(self._routes["list_accounts"], limit_bytes=_LIST_BYTES), _ACCOUNT_LIST)

    def list_users(self) -> list[UserRecord | UnreadableUser]:
        """Return the users that share an account with this identity, INACTIVE ones and ADMINs included."""
        call = ApiRequest(self._routes["list_users"], limit_bytes=_LIST_BYTES)
        items = self._transport.ask(call, _ITEMS)
        return [_listed_user(call, position, item) for position, item in enumerate(items)]

    def create_user(self, new: NewUser, *, send_email: bool) -> UserRecord:
        """Create a user, or raise AlreadyExistsError."""
        call = ApiRequest(
            self._routes["create_user"], query=f"send_email={_word(is_true=send_email)}", body=new.to_wire()
        )
        record = self._transport.ask(call, _USER)
        require_id(call, new.email, record.email)
        return record

    def get_user(self, email: str) -> UserRecord:
        """Return a user, or raise NotFoundError."""
        call = ApiRequest(self._routes["get_user"], {"userEmail": email})
        record = self._transport.ask(call, _USER)
        require_id(call, email, record.email)
        return record

    def get_user_accounts(self, email: str) -> frozenset[int]:
        """Return the accounts that a user has."""
        return self._ask(_ACCOUNTS, "get_user_accounts", email).accounts

    def replace_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Give a user exactly these accounts; whether foreign ones survive is not documented."""
        return self._ask(_ACCOUNTS, "replace_user_accounts", email, _account_list(accounts)).accounts

    def add_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Add accounts; one that is there has no effect."""
        return self._change_user_accounts(email, accounts, removal=False)

    def remove_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Remove accounts; one that is not there is ignored."""
        return self._change_user_accounts(email, accounts, removal=True)

    def update_user_account(self, email: str, account_id: int, *, removal: bool) -> frozenset[int]:
        """Add or remove one account."""
        ids = _one_account(email, account_id)
        query = f"removal={_word(is_true=removal)}"
        return self._transport.ask(
            ApiRequest(self._routes["update_user_account"], ids, query=query, body={}), _ACCOUNTS
        ).accounts

    def add_user_account(self, email: str, account_id: int) -> frozenset[int]:
        """Add one account, with the POST that must not be sent twice; `update_user_account` may be."""
        ids = _one_account(email, account_id)
        return self._transport.ask(ApiRequest(self._routes["add_user_account"], ids), _ACCOUNTS).accounts

    def remove_user_account(self, email: str, account_id: int) -> frozenset[int]:
        """Remove one account."""
        ids = _one_account(email, account_id)
        return self._transport.ask(ApiRequest(self._routes["remove_user_account"], ids), _ACCOUNTS).accounts

    def set_user_status(self, email: str, status: str) -> str:
        """Set ACTIVE or INACTIVE and return the status that the API says it is now."""
        return self._ask(_STATUS, "set_user_status", email, {"status": status}).status.value

    def set_user_type(self, email: str, type: str) -> str:  # noqa: A002 -- the API's own word, as in every record
        """Set STANDARD or READ_ONLY and return the type that the API says it is now."""
        return self._ask(_TYPE, "set_user_type", email, {"type": type}).type

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def _change_user_accounts(self, email: str, accounts: Iterable[int], *, removal: bool) -> frozenset[int]:
        call = ApiRequest(
            self._routes["change_user_accounts"],
            {"userEmail": email},
            query=f"removal={_word(is_true=removal)}",
            body=_account_list(accounts),
        )
        return self._transport.ask(call, _ACCOUNTS).accounts

    def _ask(self, form: TypeAdapter[T], operation: str, email: str, body: Mapping[str, Any] | None = None) -> T:
        return self._transport.ask(ApiRequest(self._routes[operation], {"userEmail": email}, body=body), form)


def _listed_user(call: ApiRequest, position: int, item: Any) -> UserRecord | UnreadableUser:
    record = parse_item(call, position, item, _USER)
    if isinstance(record, UserRecord):
        return record
    email = item.get("email") if isinstance(item, dict) else None
    return UnreadableUser(email if isinstance(email, str) else "", str(record))


def _word(*, is_true: bool) -> str:
    return "true" if is_true else "false"


def _one_account(email: str, account_id: int) -> dict[str, str]:
    return {"userEmail": email, "accountId": str(account_id)}


def _account_list(accounts: Iterable[int]) -> dict[str, list[int]]:
    return {"accounts": sorted(accounts)}
