"""The Conduit Link API's rules: companies in the namespace of a Link APP, and their short-lived tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.state import Company, locked
from pulumi_conduit.sandbox.rules.words import COMPANY_ID, MAX_LENGTH, RefusalError, kept_name

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.state import LinkApp, State

__all__ = ["CompanyAnswer", "CompanyTokens", "LinkRules", "company_key", "new_company"]

LIFE_S = 600


@dataclass(frozen=True)
class CompanyToken:
    """A token and when it expires, in whole seconds since the epoch."""

    token: str = field(repr=False)
    expires_at: int


class CompanyTokens:
    """All valid company tokens."""

    def __init__(self, world: State) -> None:
        """Start without any."""
        self._world = world
        self._alive: dict[str, tuple[str, int]] = {}

    @locked
    def mint(self, key: str) -> CompanyToken:
        """Return a new token for a company."""
        self._drop_expired()
        if self._world.switches.new_company_token_voids_old:
            self._alive = {token: held for token, held in self._alive.items() if held[0] != key}
        minted = CompanyToken(secrets.token_urlsafe(24), int(self._world.clock.now()) + LIFE_S)
        self._alive[minted.token] = (key, minted.expires_at)
        return minted

    @locked
    def opens(self, token: str) -> str | None:
        """Return the key of the company that this token opens, or None."""
        self._drop_expired()
        return self._alive.get(token, (None, 0))[0]

    def _drop_expired(self) -> None:
        # All have the same lifetime, so the oldest expire first.
        for token, (_, expires_at) in list(self._alive.items()):
            if expires_at > self._world.clock.now():
                return
            del self._alive[token]


@dataclass(frozen=True)
class CompanyAnswer:
    """The response to every request about a company: the company, and a new token."""

    company: Company
    token: CompanyToken


def company_key(app: str, company_id: str) -> str:
    """Return the key of a company: ids know no case, and two Link APPs never collide."""
    return f"{app}/{company_id.lower()}"


def new_company(world: State, app: str, company_id: str) -> Company:
    """Return a new company: without a name, its page on, at its own URL."""
    page_url = f"https://link.sandbox.example/{secrets.token_hex(8)}"
    return Company(app, company_id, None, page_enabled=True, created_at=world.clock.stamp(), page_url=page_url)


class LinkRules:
    """What the Link API does for the holder of a Link APP's token."""

    def __init__(self, world: State, tokens: CompanyTokens) -> None:
        """Take the state."""
        self._world = world
        self._tokens = tokens

    @locked
    def app(self, token: str | None) -> LinkApp:
        """Return the Link APP that this token belongs to; 401 if none."""
        for app in self._world.apps:
            if token is not None and secrets.compare_digest(app.token.encode(), token.encode()):
                return app
        raise RefusalError(401, "The Link APP token is missing or not valid.")

    @locked
    def create(self, app: LinkApp, company_id: str, name: str | None, *, page_enabled: bool) -> CompanyAnswer:
        """Create a company; one that exists is a conflict, or overwritten."""
        _check_id(company_id)
        _check_name(name)
        existing = self._world.companies.get(company_key(app.name, company_id))
        position = self._world.switches.company_create_existing
        if existing and position in ("conflict", "refused"):
            raise RefusalError(409 if position == "conflict" else 400, "A company with this id exists already.")
        if existing and position == "ignored":
            return self._answer(existing)
        company = existing or new_company(self._world, app.name, company_id)
        return self._answer(self._written(replace(company, name=name, page_enabled=page_enabled)))

    @locked
    def get(self, app: LinkApp, company_id: str) -> CompanyAnswer:
        """Return a company as readers see it now."""
        key = company_key(app.name, company_id)
        return self._answer(_found(self._world.late_companies.read(key, self._world.companies.get(key))))

    @locked
    def edit(self, app: LinkApp, company_id: str, name: str | None, *, page_enabled: bool) -> CompanyAnswer:
        """Set name and page; without a name the company keeps its own."""
        _check_name(name)
        company = _found(self._world.companies.get(company_key(app.name, company_id)))
        kept = company.name if name is None else name
        return self._answer(self._written(replace(company, name=kept, page_enabled=page_enabled)))

    def _written(self, company: Company) -> Company:
        key = company_key(company.app, company.company_id)
        if company.name is not None:
            company = replace(company, name=kept_name(company.name, self._world.switches.names))
        self._world.late_companies.wrote(key, self._world.companies.get(key), self._world.switches.read_lag)
        self._world.companies.put(key, company)
        return company

    def _answer(self, company: Company) -> CompanyAnswer:
        return CompanyAnswer(company, self._tokens.mint(company_key(company.app, company.company_id)))


def _found(company: Company | None) -> Company:
    if company is None:
        raise RefusalError(404, "There is no company with this id.")
    return company


def _check_id(company_id: str) -> None:
    if not COMPANY_ID.fullmatch(company_id):
        raise RefusalError(400, "A company id is 1 to 1024 characters of A-Z and 0-9.")


def _check_name(name: str | None) -> None:
    if name is not None and len(name) > MAX_LENGTH:
        raise RefusalError(400, f"A company name has at most {MAX_LENGTH} characters.")
