"""Tokens: one that was handed out for good, and one that a login returns, shared by all threads of a process."""

from __future__ import annotations

import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pulumi_conduit.api.deadline import remaining_s
from pulumi_conduit.api.error_mapping import copy_error
from pulumi_conduit.api.parsing import parse_response
from pulumi_conduit.api.records import LoginAnswer
from pulumi_conduit.api.request import ApiRequest
from pulumi_conduit.api.retry import SERVER_TROUBLE
from pulumi_conduit.api.routes import LOGIN
from pulumi_conduit.errors import (
    ApiError,
    DeadlineExceededError,
    HTTPStatusError,
    UnexpectedResponseError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.api.executor import RequestExecutor
    from pulumi_conduit.api.routes import RouteTable
    from pulumi_conduit.settings import ConductorSettings, Secret

__all__ = ["Login", "LoginAuthority", "Logins", "StaticAuthority"]

_MOST_RENEWALS = 3
_LONGEST_MARGIN_S = 60.0


@dataclass(frozen=True)
class _Token:
    token: Secret
    good_until: float


class Login:
    """The state of one identity's login: none, under way, held, or refused for good."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, *, most_renewals: int = _MOST_RENEWALS) -> None:
        """Begin without a token."""
        self._monotonic = monotonic
        self._most_renewals = most_renewals
        self._lock = Lock()
        self._flight: Future[_Token] | None = None
        self._renewals = 0

    def token(self, log_in: Callable[[], LoginAnswer]) -> Secret:
        """Return the token; where there is none, one thread logs in and the others wait for it."""
        while True:
            flight, is_ours = self._board()
            if is_ours:
                return self._fly(flight, log_in)
            if landed := _wait_for(flight):
                return landed.token

    def renew(self, refused: Secret) -> bool:
        """Give up a token that the API refused; return whether it is worth asking for another one."""
        with self._lock:
            if not self._holds(refused):
                return True
            if not self._may_renew():
                return False
            self._flight = None
            return True

    def _board(self) -> tuple[Future[_Token], bool]:
        with self._lock:
            if self._flight is not None and not (self._is_over(self._flight) and self._may_renew()):
                return self._flight, False
            self._flight = Future()
            return self._flight, True

    def _may_renew(self) -> bool:
        """Count a login after the first one, whatever it is for; say whether it is allowed.

        A token that is over and may not be renewed is used on: the API has the last word over it.
        """
        self._renewals += 1
        return self._renewals <= self._most_renewals

    def _fly(self, flight: Future[_Token], log_in: Callable[[], LoginAnswer]) -> Secret:
        try:
            answer = log_in()
        except BaseException as error:
            self._crash(flight, error)
            raise
        margin_s = min(_LONGEST_MARGIN_S, answer.expires_in_s / 10)
        flight.set_result(_Token(answer.access_token, self._monotonic() + answer.expires_in_s - margin_s))
        return answer.access_token

    def _crash(self, flight: Future[_Token], error: BaseException) -> None:
        if not _is_final(error):
            with self._lock:
                self._flight = None
        # Whatever happened, nobody may be left waiting.
        flight.set_exception(error if isinstance(error, ApiError) else UnreachableError("the login was interrupted"))

    def _is_over(self, flight: Future[_Token]) -> bool:
        return _has_landed(flight) and self._monotonic() >= flight.result().good_until

    def _holds(self, token: Secret) -> bool:
        return self._flight is not None and _has_landed(self._flight) and self._flight.result().token == token


class Logins:
    """The logins of a process."""

    def __init__(self, most_renewals: int = _MOST_RENEWALS) -> None:
        """Begin without any; each may log in again so often when its token is refused."""
        self._lock = Lock()
        self._most_renewals = most_renewals
        self._logins: dict[tuple[str, str], tuple[Secret, Login]] = {}

    def of(self, settings: ConductorSettings) -> Login:
        """Return the one login of a URL and user name; another password begins another one."""
        key = (settings.url, settings.username)
        with self._lock:
            password, login = self._logins.get(key, (None, None))
            if login is None or password != settings.password:
                login = Login(most_renewals=self._most_renewals)
                self._logins[key] = (settings.password, login)
            return login


def _has_landed(flight: Future[_Token]) -> bool:
    return flight.done() and flight.exception() is None


def _is_final(error: BaseException) -> bool:
    """Say whether another login would be answered alike: the API has judged it, or it is no API that answers."""
    return isinstance(error, UnexpectedResponseError) or (
        isinstance(error, HTTPStatusError) and error.status not in SERVER_TROUBLE
    )


def _wait_for(flight: Future[_Token]) -> _Token | None:
    try:
        error = flight.exception(timeout=remaining_s())
    except FutureTimeoutError:
        raise DeadlineExceededError(
            "the time ran out while another thread was logging in to Conductor; run again, or raise"
            " CONDUIT_DEADLINE_SECONDS"
        ) from None
    if error is None:
        return flight.result()
    # The other thread's time was over, not necessarily ours.
    if isinstance(error, DeadlineExceededError) and (remaining_s() or 0) > 0:
        return None
    raise copy_error(error)


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

    def __init__(
        self, settings: ConductorSettings, routes: RouteTable, exchange: RequestExecutor, login: Login
    ) -> None:
        """Take what a login needs, and the login that the whole process shares."""
        body = {"username": settings.username, "password": settings.password.reveal()}
        self._call = ApiRequest(routes[LOGIN], body=body)
        self._exchange = exchange
        self._login = login

    def token(self) -> Secret:
        """Return the token of the shared login, logging in where that is still to be done."""
        return self._login.token(self._log_in)

    def renew(self, refused: Secret) -> bool:
        """Give up a refused token; return whether another login is allowed."""
        return self._login.renew(refused)

    def _log_in(self) -> LoginAnswer:
        return parse_response(self._call, self._exchange.perform(self._call, None), _LOGIN_ANSWER)
