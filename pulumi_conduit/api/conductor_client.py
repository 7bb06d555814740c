"""The client of the Conductor User Management API: accounts, users, and which user has which account.

Must not know what is declared or stored. Source: Conductor User Management API 1.0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter

from pulumi_conduit.api.records import (
    AccountRecord,
    AccountsResponse,
    StatusResponse,
    TypeResponse,
    UnreadableUser,
    UserRecord,
    parse_item,
    require_id,
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
_ACCOUNTS = TypeAdapter(AccountsResponse)
_STATUS = TypeAdapter(StatusResponse)
_TYPE = TypeAdapter(TypeResponse)
_LIST_BYTES = 24 * 2**20  # some 90,000 users; parsing a response must not take more than 32 MiB
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
    """Read and write users and accounts; thread-safe.

    `get_user_accounts`, `replace_user_accounts` and the three about one account complete the client: the provider needs
    none of them, because a GET of the user has its accounts, and one request adds or removes several.
    """

    def __init__(self, transport: Transport, routes: RouteTable) -> None:
        """Take the transport and the route table; `factory.connect_conductor` builds both."""
        self._transport = transport
        self._routes = routes

    def log_in(self) -> None:
        """Log in, unless this process has; every other request logs in when it must."""
        self._transport.authenticate()

    def list_accounts(self) -> list[AccountRecord]:
        """Return the accounts that this identity owns."""
        return self._transport.send(ApiRequest(self._routes["list_accounts"], limit_bytes=_LIST_BYTES), _ACCOUNT_LIST)

    def list_users(self) -> list[UserRecord | UnreadableUser]:
        """Return the users that share an account with this identity, INACTIVE ones and ADMINs included."""
        request = ApiRequest(self._routes["list_users"], limit_bytes=_LIST_BYTES)
        items = self._transport.send(request, _ITEMS)
        return [_parse_user(request, position, item) for position, item in enumerate(items)]

    def create_user(self, new: NewUser, *, send_email: bool) -> UserRecord:
        """Create a user, or raise AlreadyExistsError."""
        request = ApiRequest(
            self._routes["create_user"], query=f"send_email={_format_bool(is_true=send_email)}", body=new.to_wire()
        )
        record = self._transport.send(request, _USER)
        require_id(request, new.email, record.email)
        return record

    def get_user(self, email: str) -> UserRecord:
        """Return a user, or raise NotFoundError."""
        request = ApiRequest(self._routes["get_user"], {"userEmail": email})
        record = self._transport.send(request, _USER)
        require_id(request, email, record.email)
        return record

    def get_user_accounts(self, email: str) -> frozenset[int]:
        """Return the accounts that a user has."""
        return self._send(_ACCOUNTS, "get_user_accounts", email).accounts

    def replace_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Set a user's accounts; whether accounts of other owners are kept is not documented."""
        return self._send(_ACCOUNTS, "replace_user_accounts", email, _account_body(accounts)).accounts

    def add_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Add accounts; one that the user has is ignored."""
        return self._change_user_accounts(email, accounts, removal=False)

    def remove_user_accounts(self, email: str, accounts: Iterable[int]) -> frozenset[int]:
        """Remove accounts; one that the user does not have is ignored."""
        return self._change_user_accounts(email, accounts, removal=True)

    def update_user_account(self, email: str, account_id: int, *, removal: bool) -> frozenset[int]:
        """Add or remove one account."""
        ids = _account_path(email, account_id)
        query = f"removal={_format_bool(is_true=removal)}"
        return self._transport.send(
            ApiRequest(self._routes["update_user_account"], ids, query=query, body={}), _ACCOUNTS
        ).accounts

    def add_user_account(self, email: str, account_id: int) -> frozenset[int]:
        """Add one account with a POST, which is not idempotent; `update_user_account` is."""
        ids = _account_path(email, account_id)
        return self._transport.send(ApiRequest(self._routes["add_user_account"], ids), _ACCOUNTS).accounts

    def remove_user_account(self, email: str, account_id: int) -> frozenset[int]:
        """Remove one account."""
        ids = _account_path(email, account_id)
        return self._transport.send(ApiRequest(self._routes["remove_user_account"], ids), _ACCOUNTS).accounts

    def set_user_status(self, email: str, status: str) -> str:
        """Set ACTIVE or INACTIVE and return the new status from the response."""
        return self._send(_STATUS, "set_user_status", email, {"status": status}).status.value

    def set_user_type(self, email: str, type: str) -> str:  # noqa: A002 -- the API's own word, as in every record
        """Set STANDARD or READ_ONLY and return the new type from the response."""
        return self._send(_TYPE, "set_user_type", email, {"type": type}).type

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def _change_user_accounts(self, email: str, accounts: Iterable[int], *, removal: bool) -> frozenset[int]:
        request = ApiRequest(
            self._routes["change_user_accounts"],
            {"userEmail": email},
            query=f"removal={_format_bool(is_true=removal)}",
            body=_account_body(accounts),
        )
        return self._transport.send(request, _ACCOUNTS).accounts

    def _send(self, schema: TypeAdapter[T], operation: str, email: str, body: Mapping[str, Any] | None = None) -> T:
        return self._transport.send(ApiRequest(self._routes[operation], {"userEmail": email}, body=body), schema)


def _parse_user(request: ApiRequest, position: int, item: Any) -> UserRecord | UnreadableUser:
    record = parse_item(request, position, item, _USER)
    if isinstance(record, UserRecord):
        return record
    email = item.get("email") if isinstance(item, dict) else None
    return UnreadableUser(email if isinstance(email, str) else "", str(record))


def _format_bool(*, is_true: bool) -> str:
    return "true" if is_true else "false"


def _account_path(email: str, account_id: int) -> dict[str, str]:
    return {"userEmail": email, "accountId": str(account_id)}


def _account_body(accounts: Iterable[int]) -> dict[str, list[int]]:
    return {"accounts": sorted(accounts)}
