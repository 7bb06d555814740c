"""The ASGI app of one sandbox: the endpoints of both APIs, and all routers put together."""

import functools
from concurrent.futures import Executor
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Query, Request

from pulumi_conduit.sandbox.http import admin
from pulumi_conduit.sandbox.http.context import App, Here, Me, answer_refusals
from pulumi_conduit.sandbox.http.middleware import Middleware
from pulumi_conduit.sandbox.http.shapes import (
    AccountJson,
    AccountsJson,
    CompanyEdit,
    CompanyJson,
    Credentials,
    LoginJson,
    NewCompany,
    NewUser,
    Nothing,
    StatusJson,
    TypeJson,
    UserJson,
)
from pulumi_conduit.sandbox.routes import CONDUCTOR_PREFIX
from pulumi_conduit.sandbox.services import Services

__all__ = ["build", "build_apis"]

company_router = APIRouter(prefix="/link/company", tags=["Conduit Link API"])


@company_router.post("/")
async def create_company(here: Here, app: App, new: NewCompany) -> CompanyJson:
    """Create a company."""
    return CompanyJson.of(here.link.create(app, new.id, new.name, page_enabled=new.page_enabled))


@company_router.get("/{id}/")
async def get_company(here: Here, app: App, company_id: Annotated[str, Path(alias="id")]) -> CompanyJson:
    """Retrieve a company."""
    return CompanyJson.of(here.link.get(app, company_id))


@company_router.post("/{id}/")
async def edit_company(
    here: Here, app: App, company_id: Annotated[str, Path(alias="id")], edit: CompanyEdit
) -> CompanyJson:
    """Edit a company."""
    return CompanyJson.of(here.link.edit(app, company_id, edit.name, page_enabled=edit.page_enabled))


conductor_router = APIRouter(prefix=CONDUCTOR_PREFIX, tags=["Conductor User Management API"])


@conductor_router.post("/login")
async def log_in(request: Request, here: Here, credentials: Credentials) -> LoginJson:
    """Log in with the username and password of an application identity."""
    answer = here.sessions.login(credentials.username, credentials.password)
    request.state.who = credentials.username
    return LoginJson.of(answer)


@conductor_router.get("/accounts")
async def list_accounts(here: Here, me: Me) -> list[AccountJson]:
    """List the accounts that can be assigned."""
    return [AccountJson.of(account) for account in here.conductor.accounts(me)]


@conductor_router.get("/users")
async def list_users(here: Here, me: Me) -> list[UserJson]:
    """List the users that share an account with the identity, active and inactive."""
    return [UserJson.of(user) for user in here.conductor.users(me)]


@conductor_router.post("/users", status_code=201)
async def create_user(
    here: Here,
    me: Me,
    new: NewUser,
    *,
    send_email: Annotated[bool, Query()] = False,  # noqa: ARG001 - accepted, and no email is sent
) -> UserJson:
    """Create a user."""
    return UserJson.of(here.conductor.create(me, new.record()))


@conductor_router.get("/users/{userEmail}", response_model_exclude_none=True)
async def get_user(here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")]) -> UserJson:
    """Get access information about a user."""
    user = here.conductor.user(me, email)
    return UserJson.of(user, with_status=here.world.switches.get_user_carries_status)


@conductor_router.put("/users/{userEmail}/status")
async def set_status(
    here: Here, me: Me, email: Annotated[str, Path(alias="userEmail")], wanted: StatusJson
) -> StatusJson:
    """Activate or deactivate a user."""
    return StatusJson(status=here.conductor.set_status(me, email, wanted.status))


@conductor_router.put("/users/{userEmail}/type")
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


_ABOUT = "A stand-in of the Conduit Link API and the Conductor User Management API, built from their public pages."


@functools.cache
def build_apis() -> FastAPI:
    """Return the endpoints, without log, limits and faults; all sandboxes of a process share them."""
    # FastAPI's documentation pages load scripts from a CDN, into an origin with admin rights.
    title = "pulumi-conduit sandbox"
    apis = FastAPI(title=title, description=_ABOUT, redirect_slashes=False, docs_url=None, redoc_url=None)
    for router in (
        company_router,
        conductor_router,
        grants_router,
        admin.router,
        admin.edits_router,
        admin.console_router,
    ):
        apis.include_router(router)
    answer_refusals(apis)
    return apis


def build(services: Services, hooks: Executor) -> Middleware:
    """Return the whole app."""
    return Middleware(build_apis(), services, hooks)
