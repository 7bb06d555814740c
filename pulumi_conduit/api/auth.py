"""Tokens: a static one, and one that a login returns, shared by all threads of a process."""

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
from pulumi_conduit.api.records import LoginResponse, parse_response
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

__all__ = ["Login", "LoginAuth", "Logins", "StaticAuth"]

_MAX_RENEWALS = 3
_LONGEST_MARGIN_S = 60.0


@dataclass(frozen=True)
class _Token:
    token: Secret
    good_until: float


class Login:
    """The state of one identity's login: none, pending, succeeded, or refused for good."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, *, most_renewals: int = _MAX_RENEWALS) -> None:
        """Begin without a token."""
        self._monotonic = monotonic
        self._most_renewals = most_renewals
        self._lock = Lock()
        self._pending: Future[_Token] | None = None
        self._renewals = 0

    def token(self, log_in: Callable[[], LoginResponse]) -> Secret:
        """Return the token; without one, the first thread logs in and the others wait for it."""
        while True:
            pending, is_ours = self._join_or_start()
            if is_ours:
                return self._complete_login(pending, log_in)
            if login := _wait_for(pending):
                return login.token

    def renew(self, refused: Secret) -> bool:
        """Discard a token that the API refused; return whether another one can be requested."""
        with self._lock:
            if not self._is_current(refused):
                return True
            if not self._count_renewal():
                return False
            self._pending = None
            return True

    def _join_or_start(self) -> tuple[Future[_Token], bool]:
        with self._lock:
            if self._pending is not None and not (self._has_expired(self._pending) and self._count_renewal()):
                return self._pending, False
            self._pending = Future()
            return self._pending, True

    def _count_renewal(self) -> bool:
        """Count one more login; return whether it is allowed.

        An expired token that may not be renewed is still sent: the API decides whether it is valid.
        """
        self._renewals += 1
        return self._renewals <= self._most_renewals

    def _complete_login(self, pending: Future[_Token], log_in: Callable[[], LoginResponse]) -> Secret:
        try:
            response = log_in()
        except BaseException as error:
            self._fail_login(pending, error)
            raise
        margin_s = min(_LONGEST_MARGIN_S, response.expires_in_s / 10)
        pending.set_result(_Token(response.access_token, self._monotonic() + response.expires_in_s - margin_s))
        return response.access_token

    def _fail_login(self, pending: Future[_Token], error: BaseException) -> None:
        if not _is_final(error):
            with self._lock:
                self._pending = None
        # Always set a result: other threads wait for it.
        pending.set_exception(error if isinstance(error, ApiError) else UnreachableError("the login was interrupted"))

    def _has_expired(self, pending: Future[_Token]) -> bool:
        return _has_token(pending) and self._monotonic() >= pending.result().good_until

    def _is_current(self, token: Secret) -> bool:
        return self._pending is not None and _has_token(self._pending) and self._pending.result().token == token


class Logins:
    """The logins of a process."""

    def __init__(self, most_renewals: int = _MAX_RENEWALS) -> None:
        """Begin without any; each may renew a refused token `most_renewals` times."""
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


def _has_token(pending: Future[_Token]) -> bool:
    return pending.done() and pending.exception() is None


def _is_final(error: BaseException) -> bool:
    """Return whether another login would fail alike: the API rejected it, or the server is not the API."""
    return isinstance(error, UnexpectedResponseError) or (
        isinstance(error, HTTPStatusError) and error.status not in SERVER_TROUBLE
    )


def _wait_for(pending: Future[_Token]) -> _Token | None:
    try:
        error = pending.exception(timeout=remaining_s())
    except FutureTimeoutError:
        raise DeadlineExceededError(
            "deadline exceeded while another thread was logging in to Conductor; run again, or raise"
            " CONDUIT_DEADLINE_SECONDS"
        ) from None
    if error is None:
        return pending.result()
    # The other thread's deadline passed, not necessarily ours.
    if isinstance(error, DeadlineExceededError) and (remaining_s() or 0) > 0:
        return None
    raise copy_error(error)


_LOGIN_RESPONSE = TypeAdapter(LoginResponse)


class StaticAuth:
    """A token that cannot be renewed."""

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


class LoginAuth:
    """The token of an identity that logs in with a password."""

    def __init__(
        self, settings: ConductorSettings, routes: RouteTable, executor: RequestExecutor, login: Login
    ) -> None:
        """Take what a login needs, and the login that the whole process shares."""
        body = {"username": settings.username, "password": settings.password.reveal()}
        self._request = ApiRequest(routes[LOGIN], body=body)
        self._executor = executor
        self._login = login

    def token(self) -> Secret:
        """Return the token of the shared login; log in if there is none."""
        return self._login.token(self._log_in)

    def renew(self, refused: Secret) -> bool:
        """Discard a refused token; return whether another login is allowed."""
        return self._login.renew(refused)

    def _log_in(self) -> LoginResponse:
        return parse_response(self._request, self._executor.perform(self._request, None), _LOGIN_RESPONSE)
