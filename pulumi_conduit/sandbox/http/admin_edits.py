"""The operator's own endpoints about single objects: what no API call did, done over HTTP."""

from typing import Any

from fastapi import APIRouter

from pulumi_conduit.sandbox.http.admin_models import (
    AccountOrder,
    AppOrder,
    CompanyChange,
    CompanyOrder,
    IdentityChange,
    IdentityOrder,
    UserChange,
)
from pulumi_conduit.sandbox.http.context import Here
from pulumi_conduit.sandbox.http.middleware import ADMIN_PREFIX

__all__ = ["router"]

router = APIRouter(prefix=ADMIN_PREFIX, tags=["Sandbox: edits from outside"])


@router.put("/accounts/{account_id}", status_code=204)
async def add_account(here: Here, account_id: int, order: AccountOrder) -> None:
    """Add an account."""
    here.conductor_edits.add_account(account_id, order.name)


@router.put("/identities/{username}", status_code=204)
async def add_identity(here: Here, username: str, order: IdentityOrder) -> None:
    """Add an identity."""
    here.conductor_edits.add_identity(username, order.password, order.accounts)


@router.patch("/identities/{username}", status_code=204)
async def edit_identity(here: Here, username: str, change: IdentityChange) -> None:
    """Change an identity's password, or the accounts that it owns."""
    here.conductor_edits.edit_identity(username, **change.given())


@router.delete("/sessions", status_code=204)
async def void_tokens(here: Here) -> None:
    """Void every access token."""
    here.conductor_edits.void_tokens()


@router.put("/users/{email}")
async def put_user(here: Here, email: str, order: UserChange) -> dict[str, Any]:
    """Write a user whole."""
    return here.conductor_edits.put_user(email, **order.given())


@router.patch("/users/{email}")
async def edit_user(here: Here, email: str, change: UserChange) -> dict[str, Any]:
    """Change what is given of a user."""
    return here.conductor_edits.edit_user(email, **change.given())


@router.delete("/users/{email}", status_code=204)
async def remove_user(here: Here, email: str) -> None:
    """Remove a user altogether."""
    here.conductor_edits.remove_user(email)


@router.put("/users/{email}/accounts/{account_id}")
async def add_grant(here: Here, email: str, account_id: int) -> dict[str, Any]:
    """Give a user one account more."""
    return here.conductor_edits.add_grant(email, account_id)


@router.delete("/users/{email}/accounts/{account_id}")
async def remove_grant(here: Here, email: str, account_id: int) -> dict[str, Any]:
    """Take one account from a user."""
    return here.conductor_edits.remove_grant(email, account_id)


@router.put("/apps/{app}")
async def add_app(here: Here, app: str, order: AppOrder) -> dict[str, str]:
    """Add a Link APP, and return its token."""
    return {"token": here.link_edits.add_app(app, order.token)}


@router.post("/apps/{app}/rotate")
async def rotate_token(here: Here, app: str) -> dict[str, str]:
    """Give a Link APP a new token, and return it."""
    return {"token": here.link_edits.rotate_token(app)}


@router.put("/apps/{app}/companies/{company_id}")
async def put_company(here: Here, app: str, company_id: str, order: CompanyOrder) -> dict[str, Any]:
    """Create a company anew."""
    return here.link_edits.put_company(company_id, app=app, **order.given())


@router.patch("/apps/{app}/companies/{company_id}")
async def edit_company(here: Here, app: str, company_id: str, change: CompanyChange) -> dict[str, Any]:
    """Change what is given of a company."""
    return here.link_edits.edit_company(company_id, app=app, **change.given())


@router.delete("/apps/{app}/companies/{company_id}", status_code=204)
async def remove_company(here: Here, app: str, company_id: str) -> None:
    """Remove a company altogether."""
    here.link_edits.remove_company(company_id, app=app)
