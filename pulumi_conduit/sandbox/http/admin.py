"""The operator's own endpoints: the sandbox as a whole, edits of single objects that no API call made, and the console.

Unknown names in a request are refused, to catch typos. The console is one page of plain files from this package, and
the one view that it keeps asking for.
"""

import dataclasses
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from pulumi_conduit.sandbox.faults import Drop, Fault, Garbage
from pulumi_conduit.sandbox.http.context import Here
from pulumi_conduit.sandbox.http.middleware import ADMIN_PREFIX, CONSOLE_PATH, PAGE_HEADERS
from pulumi_conduit.sandbox.switches import Switches, as_json, changed

__all__ = [
    "AccountOrder",
    "AppOrder",
    "ClockOrder",
    "CompanyChange",
    "CompanyOrder",
    "FaultOrder",
    "IdentityChange",
    "IdentityOrder",
    "Order",
    "UserChange",
    "console_router",
    "edits_router",
    "router",
]

_TEN_YEARS_S = 10 * 365 * 86400


class Order(BaseModel):
    """JSON in which every name must be known."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """Return the given fields, by name."""
        return self.model_dump(exclude_unset=True)


class AccountOrder(Order):
    """An account to add."""

    name: str


class IdentityOrder(Order):
    """An identity to add."""

    password: str
    accounts: list[int]


class IdentityChange(Order):
    """What to change of an identity."""

    password: str | None = None
    accounts: list[int] | None = None


class AppOrder(Order):
    """A Link APP to add."""

    token: str | None = None


class CompanyOrder(Order):
    """A company to put."""

    name: str | None = None
    page_enabled: bool = True


class CompanyChange(Order):
    """What to change of a company."""

    name: str | None = None
    page_enabled: bool | None = None


class UserChange(Order):
    """A user to put, or what to change of one."""

    first_name: str | None = None
    last_name: str | None = None
    type: str | None = None
    view: str | None = None
    sso_access: bool | None = None
    status: str | None = None
    accounts: list[int] | None = None

    def given(self) -> dict[str, Any]:
        """Return the given fields, by name; null counts as omitted."""
        return self.model_dump(exclude_none=True)


class FaultOrder(Order):
    """A fault to arm; a hook needs Python."""

    route: str | None = None
    path: str | None = Field(default=None, max_length=200)
    after: int = 0
    times: int | None = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    handled: bool = False
    drop: Drop | None = None
    delay_s: float = Field(default=0.0, le=3600, allow_inf_nan=False)
    garbage: Garbage | None = None


class ClockOrder(Order):
    """By how much to push the sandbox's time forward."""

    advance_s: float = Field(ge=0, le=_TEN_YEARS_S, allow_inf_nan=False)


router = APIRouter(prefix=ADMIN_PREFIX, tags=["Sandbox"])


@router.get("/")
async def handshake(here: Here) -> dict[str, Any]:
    """Say what this is; each start of the process has another `process`."""
    return {"sandbox": "pulumi-conduit", "version": 1, "process": here.process_id}


@router.get("/state")
async def state(here: Here) -> dict[str, Any]:
    """Return the whole state, without tokens and passwords."""
    return here.dump()


@router.post("/reset")
async def reset(here: Here) -> dict[str, Any]:
    """Go back to the seed, and return the state."""
    here.reset()
    return here.dump()


@router.get("/switches")
async def get_switches(here: Here) -> dict[str, Any]:
    """Return every switch."""
    return as_json(here.world.switches)


@router.patch("/switches")
async def set_switches(here: Here, values: dict[str, Any]) -> dict[str, Any]:
    """Set some switches, and return all."""
    here.world.switches = changed(here.world.switches, values)
    return as_json(here.world.switches)


@router.get("/requests")
async def get_requests(here: Here) -> list[dict[str, Any]]:
    """Return the log of requests."""
    return here.request_log.entries()


@router.get("/counts")
async def get_counts(here: Here) -> dict[str, int]:
    """Return how often each route was asked for."""
    return here.request_log.counts()


@router.delete("/requests", status_code=204)
async def forget_requests(here: Here) -> None:
    """Empty the log."""
    here.request_log.forget()


@router.get("/faults")
async def get_faults(here: Here) -> list[dict[str, Any]]:
    """Return every armed fault, and how often it has struck."""
    return [_fault_json(fault) for fault in here.faults.armed()]


@router.post("/faults", status_code=201)
async def add_fault(here: Here, order: FaultOrder) -> dict[str, Any]:
    """Arm a fault."""
    return _fault_json(here.faults.add(**order.given()))


@router.delete("/faults", status_code=204)
async def clear_faults(here: Here) -> None:
    """Disarm every fault."""
    here.faults.clear()


@router.post("/clock", status_code=204)
async def advance_clock(here: Here, order: ClockOrder) -> None:
    """Push the sandbox's time forward, so that tokens expire."""
    here.world.clock.advance(order.advance_s)


def _fault_json(fault: Fault) -> dict[str, Any]:
    names = (each.name for each in dataclasses.fields(fault) if each.name != "hook")
    return {name: getattr(fault, name) for name in names}


edits_router = APIRouter(prefix=ADMIN_PREFIX, tags=["Sandbox: edits from outside"])


@edits_router.put("/accounts/{account_id}", status_code=204)
async def add_account(here: Here, account_id: int, order: AccountOrder) -> None:
    """Add an account."""
    here.conductor_edits.add_account(account_id, order.name)


@edits_router.put("/identities/{username}", status_code=204)
async def add_identity(here: Here, username: str, order: IdentityOrder) -> None:
    """Add an identity."""
    here.conductor_edits.add_identity(username, order.password, order.accounts)


@edits_router.patch("/identities/{username}", status_code=204)
async def edit_identity(here: Here, username: str, change: IdentityChange) -> None:
    """Change an identity's password, or the accounts that it owns."""
    here.conductor_edits.edit_identity(username, **change.given())


@edits_router.delete("/sessions", status_code=204)
async def void_tokens(here: Here) -> None:
    """Void every access token."""
    here.conductor_edits.void_tokens()


@edits_router.put("/users/{email}")
async def put_user(here: Here, email: str, order: UserChange) -> dict[str, Any]:
    """Write a user whole."""
    return here.conductor_edits.put_user(email, **order.given())


@edits_router.patch("/users/{email}")
async def edit_user(here: Here, email: str, change: UserChange) -> dict[str, Any]:
    """Change what is given of a user."""
    return here.conductor_edits.edit_user(email, **change.given())


@edits_router.delete("/users/{email}", status_code=204)
async def remove_user(here: Here, email: str) -> None:
    """Remove a user altogether."""
    here.conductor_edits.remove_user(email)


@edits_router.put("/users/{email}/accounts/{account_id}")
async def add_grant(here: Here, email: str, account_id: int) -> dict[str, Any]:
    """Give a user one account more."""
    return here.conductor_edits.add_grant(email, account_id)


@edits_router.delete("/users/{email}/accounts/{account_id}")
async def remove_grant(here: Here, email: str, account_id: int) -> dict[str, Any]:
    """Take one account from a user."""
    return here.conductor_edits.remove_grant(email, account_id)


@edits_router.put("/apps/{app}")
async def add_app(here: Here, app: str, order: AppOrder) -> dict[str, str]:
    """Add a Link APP, and return its token."""
    return {"token": here.link_edits.add_app(app, order.token)}


@edits_router.post("/apps/{app}/rotate")
async def rotate_token(here: Here, app: str) -> dict[str, str]:
    """Give a Link APP a new token, and return it."""
    return {"token": here.link_edits.rotate_token(app)}


@edits_router.put("/apps/{app}/companies/{company_id}")
async def put_company(here: Here, app: str, company_id: str, order: CompanyOrder) -> dict[str, Any]:
    """Create a company anew."""
    return here.link_edits.put_company(company_id, app=app, **order.given())


@edits_router.patch("/apps/{app}/companies/{company_id}")
async def edit_company(here: Here, app: str, company_id: str, change: CompanyChange) -> dict[str, Any]:
    """Change what is given of a company."""
    return here.link_edits.edit_company(company_id, app=app, **change.given())


@edits_router.delete("/apps/{app}/companies/{company_id}", status_code=204)
async def remove_company(here: Here, app: str, company_id: str) -> None:
    """Remove a company altogether."""
    here.link_edits.remove_company(company_id, app=app)


_FILES = files("pulumi_conduit.sandbox") / "console"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_ASSETS = {each.name: _TYPES[suffix] for each in _FILES.iterdir() if (suffix := Path(each.name).suffix) in _TYPES}

console_router = APIRouter(include_in_schema=False)


@console_router.get(CONSOLE_PATH)
async def page() -> Response:
    """Return the page."""
    return _file("index.html", "text/html")


@console_router.get(CONSOLE_PATH + "view")
async def view(here: Here, after: Annotated[str, Query()] = "") -> Response:
    """Return everything that the page shows, or nothing if it has this version already."""
    # Read before the state: what changes in between is then asked for again.
    version = f"{here.process_id}.{here.event_log.version}"
    if after == version:
        return Response(status_code=204, headers=PAGE_HEADERS)
    state = here.dump()
    content = {
        "version": version,
        **state,
        "switches": _changed_switches(state["switches"]),
        "events": here.event_log.events(),
    }
    return JSONResponse(content, headers=PAGE_HEADERS)


@console_router.get(CONSOLE_PATH + "{name}")
async def asset(name: str) -> Response:
    """Return a file that belongs to the page."""
    if name not in _ASSETS:
        raise HTTPException(404)
    return _file(name, _ASSETS[name])


def _file(name: str, media_type: str) -> Response:
    return Response((_FILES / name).read_bytes(), media_type=media_type, headers=PAGE_HEADERS)


def _changed_switches(switches: dict[str, Any]) -> dict[str, Any]:
    kindest = as_json(Switches())
    return {name: value for name, value in switches.items() if value != kindest[name]}
