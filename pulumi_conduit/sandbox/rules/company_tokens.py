"""The tokens that open a company's data: minted anew by every call, each alive for ten minutes.

They live in memory only: no endpoint takes one, and a restart may void them. Knows no company, only its key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.sandbox.rules.state import serialised

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.state import World

__all__ = ["LIFE_S", "CompanyToken", "CompanyTokens"]

LIFE_S = 600


@dataclass(frozen=True)
class CompanyToken:
    """A token and when it expires, in whole seconds since the epoch."""

    token: str
    expires_at: int


class CompanyTokens:
    """All company tokens that are alive."""

    def __init__(self, world: World) -> None:
        """Start without any."""
        self._world = world
        self._alive: dict[str, tuple[str, int]] = {}

    @serialised
    def mint(self, key: str) -> CompanyToken:
        """Return a new token for a company."""
        self._drop_expired()
        if self._world.switches.new_company_token_voids_old:
            self._alive = {token: held for token, held in self._alive.items() if held[0] != key}
        minted = CompanyToken(secrets.token_urlsafe(24), int(self._world.clock.now()) + LIFE_S)
        self._alive[minted.token] = (key, minted.expires_at)
        return minted

    @serialised
    def opens(self, token: str) -> str | None:
        """Return the key of the company that this token opens, or None."""
        self._drop_expired()
        return self._alive.get(token, (None, 0))[0]

    def _drop_expired(self) -> None:
        # All live equally long, so the oldest come first.
        for token, (_, expires_at) in list(self._alive.items()):
            if expires_at > self._world.clock.now():
                return
            del self._alive[token]
