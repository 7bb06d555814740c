"""The client of the Conduit Link API: companies.

Must not know what is declared or stored. Source: Conduit Link API, "Company"; it has no list and no delete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from pulumi_conduit.api.records import CompanyRecord, CompanyToken, CompanyTokenResponse, require_id
from pulumi_conduit.api.request import ApiRequest

if TYPE_CHECKING:
    from pulumi_conduit.api.executor import Transport
    from pulumi_conduit.api.routes import RouteTable

__all__ = ["LinkClient"]

_COMPANY = TypeAdapter(CompanyRecord)
_TOKEN = TypeAdapter(CompanyTokenResponse)
AboutCompany = TypeVar("AboutCompany", CompanyRecord, CompanyTokenResponse)


class LinkClient:
    """Read and write companies; thread-safe."""

    def __init__(self, transport: Transport, routes: RouteTable) -> None:
        """Take the transport and the route table; `factory.connect_link` builds both."""
        self._transport = transport
        self._routes = routes

    def get_company(self, company_id: str) -> CompanyRecord:
        """Return a company, or raise NotFoundError."""
        return self._send(_COMPANY, "get_company", company_id)

    def create_company(self, company_id: str, name: str | None, *, page_enabled: bool | None) -> CompanyRecord:
        """Create a company; None values are omitted. The effect on an existing one is not documented."""
        body = _without_none({"id": company_id, "name": name, "page_enabled": page_enabled})
        request = ApiRequest(self._routes["create_company"], body=body)
        record = self._transport.send(request, _COMPANY)
        require_id(request, company_id, record.id)
        return record

    def edit_company(self, company_id: str, name: str | None, *, page_enabled: bool) -> CompanyRecord:
        """Set name and page; the page is always sent, since an edit without it opens the page."""
        return self._send(
            _COMPANY, "edit_company", company_id, _without_none({"name": name, "page_enabled": page_enabled})
        )

    def get_company_token(self, company_id: str) -> CompanyToken:
        """Mint a token that opens the company's data for ten minutes."""
        return self._send(_TOKEN, "get_company", company_id).api_token

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def _send(
        self, schema: TypeAdapter[AboutCompany], operation: str, company_id: str, body: dict[str, Any] | None = None
    ) -> AboutCompany:
        request = ApiRequest(self._routes[operation], {"id": company_id}, body=body)
        record = self._transport.send(request, schema)
        require_id(request, company_id, record.id)
        return record


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}
