"""The Conductor API's endpoints about a user's accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from pulumi_conduit.sandbox.http.context import Here, Me
from pulumi_conduit.sandbox.http.shapes import AccountsJson, Nothing
from pulumi_conduit.sandbox.routes import CONDUCTOR_PREFIX

__all__ = ["router"]

router = APIRouter(prefix=f"{CONDUCTOR_PREFIX}/users/{{userEmail}}/accounts", tags=["Conductor User Management API"])

Removal = Annotated[bool, Query()]


@router.get("")
async def get_user_accounts(here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")]) -> AccountsJson:
    """Get the accounts of a user."""
    return AccountsJson(accounts=list(here.conductor.user(me, email).accounts))


@router.post("")
async def replace_user_accounts(
    here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")], wanted: AccountsJson
) -> AccountsJson:
    """Replace the accounts of a user."""
    return AccountsJson(accounts=list(here.grants.replace(me, email, tuple(wanted.accounts))))


@router.put("")
async def change_user_accounts(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    wanted: AccountsJson,
    *,
    removal: Removal = False,
) -> AccountsJson:
    """Add accounts to a user, or remove them."""
    change = here.grants.remove if removal else here.grants.add
    return AccountsJson(accounts=list(change(me, email, tuple(wanted.accounts))))


@router.put("/{accountId}")
async def update_user_account(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    account_id: Annotated[int, Path(alias="accountId", ge=0)],
    _body: Nothing | None = None,
    *,
    removal: Removal = False,
) -> AccountsJson:
    """Add one account to a user, or remove it."""
    change = here.grants.remove if removal else here.grants.add
    return AccountsJson(accounts=list(change(me, email, (account_id,))))


@router.post("/{accountId}")
async def add_user_account(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    account_id: Annotated[int, Path(alias="accountId", ge=0)],
) -> AccountsJson:
    """Add one account to a user."""
    return AccountsJson(accounts=list(here.grants.add(me, email, (account_id,))))


@router.delete("/{accountId}")
async def remove_user_account(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    account_id: Annotated[int, Path(alias="accountId", ge=0)],
) -> AccountsJson:
    """Remove one account from a user."""
    return AccountsJson(accounts=list(here.grants.remove(me, email, (account_id,))))
