"""The rules of logging in to Conductor: credentials, response and token lifetime."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.rules.state import Identity, Session, locked
from pulumi_conduit.sandbox.rules.words import RefusalError

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.rules.state import State

__all__ = ["LoginResponse", "Sessions"]


@dataclass(frozen=True)
class LoginResponse:
    """Three tokens, of which only the first opens the API, and its lifetime in seconds."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class Sessions:
    """The successful logins."""

    def __init__(self, world: State) -> None:
        """Take the state."""
        self._world = world

    @locked
    def login(self, username: str, password: str) -> LoginResponse:
        """Return tokens for an identity's password; 401 if it is wrong."""
        identity = self._world.identities.get(username)
        if identity is None or not secrets.compare_digest(identity.password.encode(), password.encode()):
            raise RefusalError(401, "The username or the password is wrong.")
        self._drop_voided(username)
        life_s = self._world.switches.token_life_s
        access, identity_token, refresh = (_token(use, username) for use in ("access", "id", "refresh"))
        answer = LoginResponse(access, identity_token, refresh, life_s)
        accepted = {"access": (access,), "id": (identity_token,), "both": (access, identity_token)}
        for token in accepted[self._world.switches.bearer]:
            self._world.sessions.put(token, Session(token, username, self._world.clock.now() + life_s))
        return answer

    @locked
    def identity(self, access_token: str | None) -> Identity:
        """Return the identity that this token was given to; 401 if there is none, or no longer."""
        session = self._world.sessions.get(access_token or "")
        identity = self._world.identities.get(session.username) if session else None
        if session is None or identity is None or session.expires_at <= self._world.clock.now():
            raise RefusalError(401, "The access token is missing, not valid or expired.")
        return identity

    def _drop_voided(self, username: str) -> None:
        now = self._world.clock.now()
        voids = self._world.switches.new_login_voids_tokens
        for session in self._world.sessions:
            if session.expires_at <= now or (voids and session.username == username):
                self._world.sessions.remove(session.access_token)


def _token(use: str, username: str) -> str:
    # It looks like a JWT, as documented; the signature is not verified.
    parts: list[Any] = [{"alg": "HS256", "typ": "JWT"}, {"sub": username, "use": use, "jti": secrets.token_hex(8)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(32)])
