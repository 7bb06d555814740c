"""The two ways to a token: one that was handed out for good, and one that a login gives.

Must not know what the tokens are used for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pulumi_conduit.api.parsing import parsed
from pulumi_conduit.api.records import LoginAnswer
from pulumi_conduit.api.request import Call
from pulumi_conduit.api.routes import LOGIN

if TYPE_CHECKING:
    from pulumi_conduit.api.executor import Exchange
    from pulumi_conduit.api.login import Login
    from pulumi_conduit.api.routes import RouteTable
    from pulumi_conduit.settings import ConductorSettings, Secret

__all__ = ["LoginAuthority", "StaticAuthority"]

_LOGIN_ANSWER = TypeAdapter(LoginAnswer)


class StaticAuthority:
    """A token that nothing renews."""

    def __init__(self, token: Secret) -> None:
        """Keep the token."""
        self._token = token

    def token(self) -> Secret:
        """Return the token."""
        return self._token

    def renew(self, refused: Secret) -> bool:
        """Return that there is no other token."""
        del refused
        return False


class LoginAuthority:
    """The token of an identity that logs in with a password."""

    def __init__(self, settings: ConductorSettings, routes: RouteTable, exchange: Exchange, login: Login) -> None:
        """Take what a login needs, and the login that the whole process shares."""
        body = {"username": settings.username, "password": settings.password.reveal()}
        self._call = Call(routes[LOGIN], body=body)
        self._exchange = exchange
        self._login = login

    def token(self) -> Secret:
        """Return the token of the shared login, logging in where that is still to be done."""
        return self._login.token(self._log_in)

    def renew(self, refused: Secret) -> bool:
        """Give up a refused token; return whether another login is allowed."""
        return self._login.renew(refused)

    def _log_in(self) -> LoginAnswer:
        return parsed(self._call, self._exchange.perform(self._call, None), _LOGIN_ANSWER)
