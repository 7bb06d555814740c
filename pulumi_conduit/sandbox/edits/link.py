"""Edits of Link APPs and companies that no API call made; reads here are never late."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.edits.checks import check_company, present, without_unset
from pulumi_conduit.sandbox.edits.seed import DEFAULT_APP
from pulumi_conduit.sandbox.rules.link import company_key, new_company
from pulumi_conduit.sandbox.rules.records import Company, LinkApp
from pulumi_conduit.sandbox.rules.refusals import MistakeError
from pulumi_conduit.sandbox.rules.state import serialised

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.company_tokens import CompanyTokens
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["LinkEdits"]

_APP_NAME = re.compile(r"[A-Za-z0-9_-]+")


class LinkEdits:
    """The operator's hand in the Conduit Link API."""

    def __init__(self, world: World, tokens: CompanyTokens) -> None:
        """Work on this world."""
        self._world = world
        self._tokens = tokens

    @serialised
    def add_app(self, name: str, token: str | None = None) -> str:
        """Add a Link APP, with this token or a new one, and return the token."""
        if not _APP_NAME.fullmatch(name):
            raise MistakeError(f"{name!r} is not a name for a Link APP: letters, digits, '-' and '_'")
        if name in self._world.apps:
            raise MistakeError(f"the sandbox has a Link APP {name!r} already")
        return self._put_app(name, token or secrets.token_urlsafe(24))

    @serialised
    def rotate_token(self, app: str = DEFAULT_APP) -> str:
        """Give a Link APP a new token, and return it; the old one is void, the companies stay."""
        return self._put_app(self._app(app).name, secrets.token_urlsafe(24))

    @serialised
    def app_token(self, app: str = DEFAULT_APP) -> str:
        """Return a Link APP's token."""
        return self._app(app).token

    @serialised
    def app_names(self) -> list[str]:
        """Return the names of all Link APPs."""
        return [app.name for app in self._world.apps]

    @serialised
    def companies(self, app: str = DEFAULT_APP) -> dict[str, dict[str, Any]]:
        """Return a Link APP's companies by their id in lower case."""
        self._app(app)
        return {row.company_id.lower(): _as_json(row) for row in self._world.companies if row.app == app}

    @serialised
    def company(self, company_id: str, *, app: str = DEFAULT_APP) -> dict[str, Any]:
        """Return one company, its id in any case."""
        return _as_json(self._company(company_id, app))

    @serialised
    def put_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        page_enabled: bool = True,
        app: str = DEFAULT_APP,
    ) -> dict[str, Any]:
        """Create a company anew, in place of one that is there."""
        born = new_company(self._world, self._app(app).name, company_id)
        return self._put(replace(born, name=name, page_enabled=page_enabled))

    @serialised
    def edit_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        page_enabled: bool | None = None,
        app: str = DEFAULT_APP,
    ) -> dict[str, Any]:
        """Change what is given of a company that exists."""
        company = self._company(company_id, app)
        return self._put(replace(company, **without_unset({"name": name, "page_enabled": page_enabled})))

    @serialised
    def remove_company(self, company_id: str, *, app: str = DEFAULT_APP) -> None:
        """Remove a company altogether, as no API call can."""
        self._company(company_id, app)
        self._world.late_companies.forget(company_key(app, company_id))
        self._world.companies.remove(company_key(app, company_id))

    @serialised
    def token_opens(self, token: str) -> str | None:
        """Return `<Link APP>/<company id>` of the company that this token opens, or None if it is void or expired."""
        return self._tokens.opens(token)

    def _app(self, name: str) -> LinkApp:
        return present(self._world.apps.get(name), "Link APP", name)

    def _company(self, company_id: str, app: str) -> Company:
        self._app(app)
        return present(self._world.companies.get(company_key(app, company_id)), "company", company_id)

    def _put_app(self, name: str, token: str) -> str:
        if any(app.token == token for app in self._world.apps):
            raise MistakeError("another Link APP has this token already")
        self._world.apps.put(name, LinkApp(name, token))
        return token

    def _put(self, company: Company) -> dict[str, Any]:
        check_company(company)
        key = company_key(company.app, company.company_id)
        self._world.late_companies.forget(key)
        self._world.companies.put(key, company)
        return _as_json(company)


def _as_json(company: Company) -> dict[str, Any]:
    return {
        "id": company.company_id,
        "name": company.name,
        "page_enabled": company.page_enabled,
        "created_at": company.created_at,
        "page_url": company.page_url if company.page_enabled else None,
    }
