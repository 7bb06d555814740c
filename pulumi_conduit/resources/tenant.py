"""The tenant that an object is in: the base URL of an API with its path, and the identity.

A state belongs to one tenant. State of one base URL is never read, changed or deleted at another; within one base URL
another identity may see the same object, or nothing at all, and that nothing proves nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Tenant", "conductor_tenant", "guard_delete", "guard_url", "link_tenant"]

_IDENTITY_DIGEST_CHARACTERS = 6


@dataclass(frozen=True)
class Tenant:
    """A base URL (normalised, with path) and an identity; written into states as `<url>#<identity>`."""

    url: str
    identity: str

    def __str__(self) -> str:
        """Return the stored form."""
        return f"{self.url}#{self.identity}"

    @classmethod
    def parse(cls, stored: str) -> Tenant:
        """Read the stored form back; a URL in settings has no fragment, so the first `#` ends it."""
        url, _, identity = stored.partition("#")
        return cls(url, identity)


def conductor_tenant(url: str, username: str) -> Tenant:
    """Return the tenant of an identity: its username, which every Conductor call acts as."""
    return Tenant(url, username.lower())


def link_tenant(url: str, token: str) -> Tenant:
    """Return the tenant of a Link APP's token.

    The identity is 24 bits of an HMAC keyed by the token: enough to tell a handful of Link APPs apart, and too few to
    recover a token from, or to confirm a guess of one: among 2^24 guesses one fits by chance.
    """
    digest = hmac.new(token.encode(), f"pulumi-conduit tenant {url}".encode(), hashlib.sha256).hexdigest()
    return Tenant(url, digest[:_IDENTITY_DIGEST_CHARACTERS])


def guard_url(what: str, stored: str | None, here: Tenant, moves: Mapping[str, str]) -> None:
    """Refuse to touch what was recorded at another base URL, unless the move is allowed by name."""
    if not stored:
        raise RefusedError(
            f"{what}: its state names no tenant, so nothing was read or changed;"
            " restore the state from a backup, or remove it with `pulumi state delete` and declare it again"
        )
    there = Tenant.parse(stored)
    if there.url not in (here.url, *(old for old, new in moves.items() if new == here.url)):
        raise RefusedError(
            f"{what}: it was recorded at {there.url}, but the settings name {here.url}; nothing was read or changed."
            f" Point the settings back, or, if the API has moved, set CONDUIT_ALLOW_MOVE='{there.url}=>{here.url}'"
        )


def guard_delete(what: str, stored: str | None, here: Tenant) -> None:
    """Refuse to delete anywhere but at the recorded base URL, whatever moves are allowed."""
    if stored and Tenant.parse(stored).url != here.url:
        raise RefusedError(
            f"{what}: it was recorded at {Tenant.parse(stored).url}, but the settings name {here.url}; nothing was read"
            " or changed. CONDUIT_ALLOW_MOVE does not apply to a delete: let a refresh or an update record the new URL"
            " first, or point the settings back"
        )
    guard_url(what, stored, here, {})
