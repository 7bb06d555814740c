"""The Conduit Link API's three endpoints."""

from typing import Annotated

from fastapi import APIRouter, Path

from pulumi_conduit.sandbox.http.context import App, Here
from pulumi_conduit.sandbox.http.shapes import CompanyEdit, CompanyJson, NewCompany

__all__ = ["router"]

router = APIRouter(prefix="/link/company", tags=["Conduit Link API"])


@router.post("/")
async def create_company(here: Here, app: App, new: NewCompany) -> CompanyJson:
    """Create a company."""
    return CompanyJson.of(here.link.create(app, new.id, new.name, page_enabled=new.page_enabled))


@router.get("/{id}/")
async def get_company(here: Here, app: App, company_id: Annotated[str, Path(alias="id")]) -> CompanyJson:
    """Retrieve a company."""
    return CompanyJson.of(here.link.get(app, company_id))


@router.post("/{id}/")
async def edit_company(
    here: Here, app: App, company_id: Annotated[str, Path(alias="id")], edit: CompanyEdit
) -> CompanyJson:
    """Edit a company."""
    return CompanyJson.of(here.link.edit(app, company_id, edit.name, page_enabled=edit.page_enabled))
