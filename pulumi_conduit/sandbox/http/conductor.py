"""The Conductor User Management API's endpoints."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from pulumi_conduit.sandbox.http.context import Here, Me
from pulumi_conduit.sandbox.http.shapes import (
    AccountJson,
    AccountsJson,
    Credentials,
    LoginJson,
    NewUser,
    Nothing,
    StatusJson,
    TypeJson,
    UserJson,
)
from pulumi_conduit.sandbox.routes import CONDUCTOR_PREFIX

__all__ = ["grants_router", "router"]

router = APIRouter(prefix=CONDUCTOR_PREFIX, tags=["Conductor User Management API"])


@router.post("/login")
async def log_in(request: Request, here: Here, credentials: Credentials) -> LoginJson:
    """Log in with the username and password of an application identity."""
    answer = here.sessions.login(credentials.username, credentials.password)
    request.state.who = credentials.username
    return LoginJson.of(answer)


@router.get("/accounts")
async def list_accounts(here: Here, me: Me) -> list[AccountJson]:
    """List the accounts that can be assigned."""
    return [AccountJson.of(account) for account in here.conductor.accounts(me)]


@router.get("/users")
async def list_users(here: Here, me: Me) -> list[UserJson]:
    """List the users that share an account with the identity, active and inactive."""
    return [UserJson.of(user) for user in here.conductor.users(me)]


@router.post("/users", status_code=201)
async def create_user(
    here: Here,
    me: Me,
    new: NewUser,
    *,
    send_email: Annotated[bool, Query()] = False,  # noqa: ARG001 - accepted, and no email is sent
) -> UserJson:
    """Create a user."""
    return UserJson.of(here.conductor.create(me, new.record()))


@router.get("/users/{userEmail}", response_model_exclude_none=True)
async def get_user(here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")]) -> UserJson:
    """Get access information about a user."""
    user = here.conductor.user(me, email)
    return UserJson.of(user, with_status=here.world.switches.get_user_carries_status)


@router.put("/users/{userEmail}/status")
async def set_status(
    here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")], wanted: StatusJson
) -> StatusJson:
    """Activate or deactivate a user."""
    return StatusJson(status=here.conductor.set_status(me, email, wanted.status))


@router.put("/users/{userEmail}/type")
async def set_type(here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")], wanted: TypeJson) -> TypeJson:
    """Make a user STANDARD or READ_ONLY."""
    return TypeJson(type=here.conductor.set_type(me, email, wanted.type))


grants_router = APIRouter(
    prefix=f"{CONDUCTOR_PREFIX}/users/{{userEmail}}/accounts", tags=["Conductor User Management API"]
)

Removal = Annotated[bool, Query()]


@grants_router.get("")
async def get_user_accounts(here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")]) -> AccountsJson:
    """Get the accounts of a user."""
    return AccountsJson(accounts=list(here.conductor.user(me, email).accounts))


@grants_router.post("")
async def replace_user_accounts(
    here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")], wanted: AccountsJson
) -> AccountsJson:
    """Replace the accounts of a user."""
    return AccountsJson(accounts=list(here.grants.replace(me, email, tuple(wanted.accounts))))


@grants_router.put("")
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


@grants_router.put("/{accountId}")
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


@grants_router.post("/{accountId}")
async def add_user_account(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    account_id: Annotated[int, Path(alias="accountId", ge=0)],
) -> AccountsJson:
    """Add one account to a user."""
    return AccountsJson(accounts=list(here.grants.add(me, email, (account_id,))))


@grants_router.delete("/{accountId}")
async def remove_user_account(
    here: Here,
    me: Me,
    email: Annotated[str, Path(alias="userEmail")],
    account_id: Annotated[int, Path(alias="accountId", ge=0)],
) -> AccountsJson:
    """Remove one account from a user."""
    return AccountsJson(accounts=list(here.grants.remove(me, email, (account_id,))))
