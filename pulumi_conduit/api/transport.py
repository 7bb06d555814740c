"""A request with somebody's authority, and its answer as a record: what the clients stand on.

Must not know which API it serves; how a token is had is the authority's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from pulumi_conduit.api.parsing import parsed
from pulumi_conduit.errors import AccessDeniedError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from pulumi_conduit.api.executor import Exchange
    from pulumi_conduit.api.request import Answer, Call
    from pulumi_conduit.settings import Secret

__all__ = ["Authority", "Transport"]

T = TypeVar("T")


class Authority(Protocol):
    """Where tokens come from."""

    def token(self) -> Secret:
        """Return the token to send."""

    def renew(self, refused: Secret) -> bool:
        """Give up a token that was answered 401; return whether another one may be had."""


class Transport:
    """Make calls of one API, from any number of threads."""

    def __init__(self, exchange: Exchange, authority: Authority) -> None:
        """Take the exchange, whose requests carry what the authority gives."""
        self._exchange = exchange
        self._authority = authority

    def ask(self, call: Call, form: TypeAdapter[T]) -> T:
        """Make the call and return the record in its answer; login, retries and waits share one deadline."""
        with self._exchange.deadline():
            return parsed(call, self._answer(call), form)

    def authorise(self) -> None:
        """Get what the authority gives, where that is still to be done; nothing is asked for with it yet."""
        with self._exchange.deadline():
            self._authority.token()

    def close(self) -> None:
        """Close the idle connections."""
        self._exchange.close()

    def _answer(self, call: Call) -> Answer:
        token = self._authority.token()
        try:
            return self._exchange.perform(call, token)
        except AccessDeniedError as error:
            # A 401 is said before anything is done, so that even a POST may follow with another token.
            if error.status != 401 or not self._authority.renew(token):
                raise
        return self._exchange.perform(call, self._authority.token())
