"""One run: what is read, then one confirmation, then what is written, and in the end, always, what is undone.

The part about Conductor is here: the login and its tokens, the reads, then the walk with the test user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from pulumi_conduit.api.records import AccountsResponse
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes, prefix_routes
from pulumi_conduit.cli.verify.caller import Caller
from pulumi_conduit.cli.verify.company_walk import CompanyWalk
from pulumi_conduit.cli.verify.conductor_api import ConductorApi
from pulumi_conduit.cli.verify.order import LEFT_BEFORE
from pulumi_conduit.cli.verify.results import ForeignError, Results
from pulumi_conduit.cli.verify.trial_user import TrialUser
from pulumi_conduit.cli.verify.user_walk import UserWalk
from pulumi_conduit.errors import (
    ApiError,
    ConduitError,
    DeadlineExceededError,
    InvalidInputError,
    OutcomeUnknownError,
    RefusedError,
    UnreachableError,
    escaped,
)
from pulumi_conduit.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pulumi_conduit.api.routes import RouteTable
    from pulumi_conduit.cli.verify.order import Order
    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["ConductorRun", "Run"]


_ONE_IDENTITY = "cannot be tried with one identity"
_IMPOSSIBLE = {
    "foreign_hidden": _ONE_IDENTITY,
    "foreign_dropped": _ONE_IDENTITY,
    "sessions": "cannot be tried: it takes a person who is logged in",
    "company_token": "cannot be tried: the API's page names no request that a company's token opens",
}
_LAST_ACCOUNT = "not tried: --last-account tries it"
_STOPPED: dict[type[ConduitError], str] = {
    RefusedError: "interrupted",
    UnreachableError: "an API could not be reached",
    OutcomeUnknownError: "the response to a write was lost",
    DeadlineExceededError: "a deadline was exceeded",
}


class Run:
    """One run over the APIs that have settings."""

    def __init__(self, order: Order, conductor: ConductorSettings | None, link: LinkSettings | None) -> None:
        """Connect; nothing is sent."""
        self.results = Results(order.is_read_only, order.probes_writes)
        self._order = order
        self._conductor = ConductorRun(order, conductor, self.results) if conductor else None
        self._link = CompanyWalk(order, link, self.results) if link else None
        self._parts = [part for part in (self._conductor, self._link) if part is not None]

    @property
    def routes(self) -> RouteTable:
        """Return the configured routes of Conductor."""
        return self._conductor.configured if self._conductor else CONDUCTOR_ROUTES

    def perform(self, confirm: Callable[[Sequence[str]], None]) -> ConduitError | None:
        """Read, confirm, write and undo; return the error that ended the run early, if one did.

        `confirm` is called with what will be written to, a line for each, and raises where the caller says no.
        """
        error: ConduitError | None = None
        try:
            self._perform(confirm)
        except ForeignError as foreign:
            self.results.stopped = str(foreign)
            self._each("abandon")
            error = RefusedError(f"stopped: {foreign}")
        except (ApiError, KeyboardInterrupt) as ended:
            error = ended if isinstance(ended, ApiError) else RefusedError("interrupted")
            self.results.stopped = _STOPPED.get(type(error), "an API did not respond as it should")
            self._undo()
        self._conclude()
        return error

    def close(self) -> None:
        """Close the idle connections."""
        for part in self._parts:
            part.caller.close()

    def _perform(self, confirm: Callable[[Sequence[str]], None]) -> None:
        self._each("read")
        if plans := [part.describe_plan() for part in self._parts if part.is_ready]:
            confirm(plans)
            self._each("write")
            self._each("undo")

    def _undo(self) -> None:
        """Undo what was written; where an API fails, or at a second interrupt, say what is left."""
        self.results.remains, self.results.left = [], []  # of an undo that was interrupted
        for part in self._parts:
            _undo_or_abandon(part)

    def _each(self, step: str) -> None:
        for part in self._parts:
            getattr(part, step)()

    def _conclude(self) -> None:
        callers = [part.caller for part in self._parts]
        forms = {f"{status} {form}" for one in callers for status, forms in one.refusals.items() for form in forms}
        self.results.answer("errors", "; ".join(sorted(forms)) or "none was seen")
        busy, count = sum(one.busy for one in callers), sum(one.requests for one in callers)
        waits = sum(one.asked_to_wait for one in callers)
        self.results.answer("rate", f"{busy} of {count} requests were answered 429, {waits} of them with Retry-After")
        for question, text in _IMPOSSIBLE.items():
            self.results.answer(question, text)
        if not self._order.with_last_account:
            self.results.answer("unshared", _LAST_ACCOUNT)
            self.results.answer("empty", _LAST_ACCOUNT)
        why = "--read-only" if self._order.is_read_only else self.results.stopped or "it needs what was not found"
        self.results.complete(self.routes, why)


def _undo_or_abandon(part: ConductorRun | CompanyWalk) -> None:
    try:
        part.undo()
    except (ApiError, ForeignError, KeyboardInterrupt):
        part.abandon()


_MOST_ACCOUNTS = 2
_OF_A_USER = [name for name, route in CONDUCTOR_ROUTES.items() if route.is_about_users]
_ACCOUNTS = TypeAdapter(AccountsResponse)


class ConductorRun:
    """Reads, then writes, then undoes; each can be called when the one before was."""

    def __init__(self, order: Order, settings: ConductorSettings, results: Results) -> None:
        """Connect; nothing is sent."""
        table = override_routes(CONDUCTOR_ROUTES, settings.routes) if settings.routes else CONDUCTOR_ROUTES
        self.configured = prefix_routes(settings.url, table)
        self.caller = Caller(settings.url, (settings.password,))
        self._granted: dict[int, str] = {}
        self._exists = False
        self._settings = settings
        self._order = order
        self._results = results
        self._body = {"username": settings.username, "password": settings.password.reveal()}
        self._user = TrialUser(order.user or "")
        self._api = ConductorApi(self.caller, self.configured, self._user, results)
        self._walk: UserWalk | None = None

    def read(self) -> None:
        """Log in, list, and look whether the test user is there."""
        content = self._log_in()
        if content is None:
            return
        owned = {one.account_id: one.name for one in self._list_accounts(content) or ()}
        self._api.list_entry()
        self._try_tokens(content)
        if self._order.user is not None and self._choose_accounts(owned):
            self._meet()

    @property
    def is_ready(self) -> bool:
        """Return whether the reads have found what the writes need."""
        return self._walk is not None

    def describe_plan(self) -> str:
        """Return what will be done, for the confirmation."""
        named = ", ".join(f"'{escaped(name, 80)}' ({one})" for one, name in self._granted.items())
        return (
            f"user {self._user.email}, at {self._settings.url} by {escaped(self._settings.username)}: will be"
            f" {'changed' if self._exists else 'created, changed'} and set INACTIVE; accounts for a while: {named}"
        )

    def write(self) -> None:
        """Try every operation on the test user."""
        if self._walk:
            self._walk.run(with_last_account=self._order.with_last_account)
            looks = self._api.polls + 1
            self._results.answer("visible", "it is" if looks == 1 else f"not always: after {looks} looks at most")

    def undo(self) -> None:
        """Undo what was written."""
        if self._walk:
            self._walk.undo()

    def abandon(self) -> None:
        """Record what is left where no further request may be sent."""
        if self._walk:
            self._walk.abandon()

    def _log_in(self) -> Mapping[str, Any] | None:
        found = self._api.log_in(self._body)
        if found is None:
            return None
        self.caller.token = found[0].access_token
        return found[1]

    def _list_accounts(self, content: Mapping[str, Any]) -> list[Any] | None:
        """Return the accounts of the identity, by the access token, else by the identity token."""
        accounts = self._api.list_accounts()
        other = _identity_token(content)
        if accounts is None and other and self._results.rows["list_accounts"].response.startswith("401"):
            self.caller.token = other
            accounts = self._api.list_accounts()
            if accounts is not None:
                self._results.answer("token", "idToken; accessToken, which the provider sends, is not accepted")
                self._results.doubt("log_in", "its idToken opens the API, and its accessToken does not")
        return accounts

    def _try_tokens(self, content: Mapping[str, Any]) -> None:
        other, used = _identity_token(content), self.caller.token
        if other and other != used and (is_accepted := self._api.accepts(other)) is not None:
            text = "accessToken; idToken is accepted, too" if is_accepted else "accessToken; idToken is not accepted"
            self._results.answer("token", text)
        again = self._api.log_in(self._body)
        if used and again:
            is_valid = self._api.accepts(used)
            if other == used:
                self.caller.token = _identity_token(again[1])
            else:
                self.caller.token = again[0].access_token
            if is_valid is not None:
                self._results.answer("login_voids", "it does not" if is_valid else "it does")

    def _choose_accounts(self, owned: Mapping[int, str]) -> bool:
        """Choose the accounts that the test user may hold; return whether there is one."""
        foreign = [str(one) for one in self._order.accounts if owned and one not in owned]
        if foreign:
            raise InvalidInputError(f"--account {', '.join(foreign)}: this identity does not own it")
        self._user.accounts = self._order.accounts or tuple(sorted(owned))[:_MOST_ACCOUNTS]
        self._granted = {one: owned.get(one, "") for one in self._user.accounts}
        if not self._granted:
            self._api.skip(_OF_A_USER, "no account is known: name one by --account")
        return bool(self._granted)

    def _meet(self) -> None:
        """Look whether the test user is there, and refuse one that this run may not touch."""
        seen = self._api.existing()
        self._exists = seen is not None
        if seen is not None and not self._order.is_read_only and not self._order.again:
            raise ForeignError(f"the test user exists already; {LEFT_BEFORE}")
        if not self._order.is_read_only:
            self._walk = UserWalk(self._api, self._results, exists=seen is not None)
        elif seen is None:
            self._api.skip(("get_user", "get_user_accounts"), "the test user does not exist yet")
        elif self._api.find_user() is not None:
            self._api.read("get_user_accounts", _ACCOUNTS)
            self._results.answer("get_status", "it does" if self._api.get_carries_status() else "it does not")


def _identity_token(content: Mapping[str, Any]) -> Secret | None:
    token = content.get("idToken")
    return Secret(token) if isinstance(token, str) and token.isascii() and token.isprintable() else None
