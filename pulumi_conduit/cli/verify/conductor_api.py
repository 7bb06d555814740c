"""Conductor, as far as it is known: finds the route of each operation, and looks at the test user after every write.

A write goes on to another candidate only where 404, 405 or 501 refused it, a look shows that nothing changed, and the
caller allowed it. Every response about a user is held to be about the test user; anything else ends the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from pulumi_conduit.api.records import AccountRecord, AccountsResponse, Flaw, LoginResponse, UserRecord, parse_body
from pulumi_conduit.api.request import ApiRequest
from pulumi_conduit.api.routes import LOGIN, Route, RouteTable
from pulumi_conduit.cli.verify.candidates import Candidates, Search, may_be_own_profile
from pulumi_conduit.cli.verify.results import ForeignError, Results, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pulumi_conduit.cli.verify.caller import Caller, Reply
    from pulumi_conduit.cli.verify.trial_user import TrialUser
    from pulumi_conduit.settings import Secret

__all__ = ["ConductorApi", "Expected"]

_LIST_BYTES = 24 * 2**20
_LOGIN = TypeAdapter(LoginResponse)
_USER = TypeAdapter(UserRecord)
_ITEMS = TypeAdapter(list[Any])
_ACCOUNT_LIST = TypeAdapter(list[AccountRecord])
T = TypeVar("T")
Expected = Callable[["UserRecord | None"], bool]


class ConductorApi:
    """The operations of Conductor on one test user."""

    def __init__(self, caller: Caller, configured: RouteTable, user: TrialUser, results: Results) -> None:
        """Begin with what is configured, and nothing found."""
        self._caller = caller
        self._configured = configured
        self._candidates = Candidates(configured)
        self._results = results
        self.user = user
        self.found: RouteTable = {}
        self.last_seen: UserRecord | None = None
        self._others: dict[str, tuple[Any, ...]] = {}
        self._is_unreadable = False
        self.polls = 0
        """The most looks in vain until a write was visible."""

    def read(self, name: str, schema: TypeAdapter[T], *, only_near: bool = False) -> T | None:
        """Return what a read returns, at the first candidate that has the documented form, and record the route.

        `only_near`: try only those whose prefix and ending others were found with.
        """
        if name in self.found:
            record = self.send(name).parse(schema)
            return None if isinstance(record, Flaw) else record
        search = Search(self._candidates.reads(name, only_near=only_near))
        for route in search.routes:
            record = search.add(self._exchange(self._request(route)), schema)
            if not isinstance(record, Flaw):
                self._record(route, search.last)
                return record
            if search.is_final:
                break
        search.record_missing(self._results)
        return None

    def log_in(self, body: Mapping[str, Any]) -> tuple[LoginResponse, Mapping[str, Any]] | None:
        """Return the tokens, by the first candidate that does not refuse the path."""
        routes = [self.found[LOGIN]] if LOGIN in self.found else self._candidates.reads(LOGIN)
        search = Search(routes)
        for route in search.routes:
            record = search.add(self._caller.send(ApiRequest(route, body=body)), _LOGIN)
            if not isinstance(record, Flaw):
                self._record(route, search.last)
                return record, search.last.content
            if not search.is_elsewhere:  # it may be a verdict on the password
                break
        search.record_missing(self._results)
        return None

    def list_accounts(self) -> list[AccountRecord] | None:
        """Return the accounts that the identity owns."""
        return self.read("list_accounts", _ACCOUNT_LIST)

    def accepts(self, token: Secret) -> bool | None:
        """Return whether a token opens the API; None where no read was found that could say so."""
        name = next((name for name in ("list_accounts", "list_users") if name in self.found), None)
        return self._caller.send(self._request(self.found[name]), token).is_success if name else None

    def get_carries_status(self) -> bool:
        """Return whether a GET of the test user has its status."""
        record = self.read("get_user", _USER)
        return record is not None and record.status is not None

    def list_entry(self) -> UserRecord | None:
        """Return the test user as the list has it; None where it does not, or where there is no list."""
        item = self._list_item()
        if item is None:
            return None
        self.user.refuse_other(item)
        record = parse_body(json.dumps(item).encode(), _USER)
        if isinstance(record, Flaw):
            self._is_unreadable = True
            self._results.doubt("list_users", f"the test user in it: the response {record.reason}")
            return None
        return self.user.require_same(record)

    def existing(self) -> UserRecord | None:
        """Return the test user before its creation, wherever a read shows it; no route is recorded as missing.

        :raises ForeignError: where a user has the address, and it cannot be known who it is.
        """
        seen = self.list_entry() or next(self._at(self._candidates.reads("get_user")), None)
        if seen is None and self._is_unreadable:
            raise ForeignError("a user has the address, in a form that is not documented, so it may be anybody")
        return seen

    def look(self) -> UserRecord | None:
        """Return the test user as it is now; None where it is not found."""
        if "get_user" not in self.found:
            self.last_seen = self.list_entry()
        else:
            record = self.read("get_user", _USER)
            self.last_seen = record and self.user.require_same(record)
        return self.last_seen

    def find_user(self) -> UserRecord | None:
        """Find the route of `get_user` with a user that exists, but may not be visible yet."""
        record = self.read("get_user", _USER)
        for _ in self._caller.waits():
            if record is not None or self._results.rows["get_user"].verdict is Verdict.DIFFERENT:
                break
            record = self.read("get_user", _USER, only_near=True)
        return record and self.user.require_same(record)

    def write(  # noqa: PLR0913 -- the parts of a request, and what must come of it
        self,
        name: str,
        schema: TypeAdapter[Any],
        expected: Expected,
        *,
        body: Mapping[str, Any] | None = None,
        query: str = "",
        account: int | None = None,
        status: str | None = None,
        conflict: bool = False,
    ) -> bool:
        """Send a write to the candidates until one does what is expected; return whether one did.

        `status`: the one that the user must have then; `conflict`: a 409 is what must come of it.
        """
        is_create = name == "create_user"
        if not is_create and not self.found.keys() & {"get_user", "list_users"}:
            self.skip([name], "no read shows what it would change")
            return False
        before = self.look()
        routes = self._candidates.writes(name)
        for route in routes if self._results.probes_writes else routes[:1]:
            if route != routes[0] and is_create and self._is_own_profile(route):
                continue
            reply = self._exchange(self._request(route, body=body, query=query, account=account))
            if reply.is_success or (conflict and reply.status == 409):
                after = self._settle_after(route, reply.parse(schema), expected, status)
                return self._judge(route, reply, schema, is_done=expected(after), is_same=after == before)
            if not reply.is_unknown_route:
                self._results.add(route, reply.describe(), Verdict.REFUSED)
                return False
            if self._look_after(route) != before:
                self._results.add(route, reply.describe(), Verdict.DIFFERENT, "it was refused, and the user changed")
                return False
        note = f"none of {len(routes)} candidates" if self._results.probes_writes else "--probe-writes tries others"
        self._results.add(routes[0], reply.describe(), Verdict.NOT_FOUND, note)
        return False

    def skip(self, names: Iterable[str], why: str) -> None:
        """Record that operations were not tried."""
        for name in names:
            self._results.add(self._configured[name], "-", Verdict.NOT_TRIED, why)

    def send(
        self, name: str, *, body: Mapping[str, Any] | None = None, query: str = "", account: int | None = None
    ) -> Reply:
        """Send a request on a route that was found, whatever comes of it."""
        return self._exchange(self._request(self.found[name], body=body, query=query, account=account))

    def settle(self, expected: Expected, *, status: str | None = None) -> UserRecord | None:
        """Look until the user is as expected, or the waits are over; return the last look.

        A `status` that a GET does not carry is awaited in the list.
        """
        seen = None
        for polls, _ in enumerate(self._caller.waits()):
            seen = self.look()
            if expected(seen) and (status is None or self.status_of(seen) == status):
                self.polls = max(self.polls, polls)
                break
        return seen

    def status_of(self, seen: UserRecord | None) -> str | None:
        """Return the status by a look at the user, or else by the list; None where neither shows one."""
        shown = seen if seen is not None and seen.status is not None else self.list_entry()
        return shown.status if shown is not None else None

    def waits(self) -> Iterator[None]:
        """Wait before each look."""
        return self._caller.waits()

    def get_as(self, email: str) -> Reply:
        """GET a user by another spelling of the address."""
        return self._exchange(ApiRequest(self.found["get_user"], {"userEmail": email}))

    def _exchange(self, request: ApiRequest) -> Reply:
        """Send a request, and hold a response about a user to be about the test user."""
        reply = self._caller.send(request)
        if request.route.is_about_users and reply.is_success:
            self.user.refuse_other(reply.content)
        return reply

    def _list_item(self) -> dict[str, Any] | None:
        is_missing = "list_users" in self._results.rows and "list_users" not in self.found
        items = [] if is_missing else self.read("list_users", _ITEMS) or []
        self._others = self._others or _others(items, self.user)
        return self.user.find_item(items)

    def _at(self, routes: Iterable[Route]) -> Iterator[UserRecord]:
        for route in routes:
            reply = self._exchange(self._request(route))
            record = reply.parse(_USER)
            if not isinstance(record, Flaw):
                yield self.user.require_same(record)
            elif reply.is_success and "email" in _keys(reply.content):
                self._is_unreadable = True

    def _look_after(self, refused: Route) -> UserRecord | None:
        """Look at the test user after a write was refused, also where a refused creation may have made it."""
        is_blind = refused.name == "create_user" and "get_user" not in self.found
        return self.look() or (next(self._at(self._candidates.beside(refused)), None) if is_blind else None)

    def _is_own_profile(self, route: Route) -> bool:
        """Return whether a path is about one user, who can only be the one who is logged in: a write would edit it."""
        if not may_be_own_profile(route):
            return False
        reply = self._caller.send(self._request(replace(route, name="list_users", verb="GET", is_idempotent=True)))
        return reply.is_success and isinstance(reply.content, dict)

    def _require_others_unchanged(self) -> None:
        """Refuse to go on where a write that the test user does not show has changed somebody else.

        :raises ForeignError: where it has, or somebody else's hand has at this time.
        """
        if "list_users" not in self.found:
            return
        now = _others(self.read("list_users", _ITEMS) or [], self.user)
        if any(now.get(email, was) != was for email, was in self._others.items()):
            raise ForeignError("a write was accepted, the test user is as before, and another user has changed")

    def _settle_after(self, route: Route, record: object, expected: Expected, status: str | None) -> UserRecord | None:
        self._require_mine(record)
        self._candidates.found(route)  # what was created is likely to be read near it
        return (self.find_user() if route.name == "create_user" else None) or self.settle(expected, status=status)

    def _judge(self, route: Route, reply: Reply, schema: TypeAdapter[Any], *, is_done: bool, is_same: bool) -> bool:
        """Record what came of a write that was accepted; return whether it did what was expected."""
        if not is_done:
            self._require_others_unchanged()
            note = "nothing changed" if is_same else "did something else"
            self._results.add(route, reply.describe(), Verdict.DIFFERENT, f"it was accepted, and {note}")
            return False
        self._record(route, reply)
        record = reply.parse(schema)
        if isinstance(record, Flaw) and reply.is_success:
            self._results.doubt(route.name, f"it did what it should, but the response {record.reason}")
        return True

    def _require_mine(self, record: object) -> None:
        if isinstance(record, UserRecord):
            self.last_seen = self.user.require_same(record)
        if isinstance(record, AccountsResponse):
            self.user.require_accounts(record.accounts)

    def _record(self, route: Route, reply: Reply) -> None:
        self.found[route.name] = self._results.routes[route.name] = route
        self._candidates.found(route)
        configured = self._configured[route.name]
        is_configured = (route.verb, route.path) == (configured.verb, configured.path)
        self._results.add(route, reply.describe(), Verdict.CONFIRMED if is_configured else Verdict.ELSEWHERE)

    def _request(
        self, route: Route, *, body: Mapping[str, Any] | None = None, query: str = "", account: int | None = None
    ) -> ApiRequest:
        values = {"userEmail": self.user.email, "accountId": str(account)}
        ids = {name: values[name] for name in route.placeholders}
        limit = _LIST_BYTES if route.name in ("list_users", "list_accounts") else 2**20
        return ApiRequest(route, ids, query=query, body=body, limit_bytes=limit)


def _keys(content: Any) -> set[str]:
    return set(content) if isinstance(content, dict) else set()


def _others(items: list[Any], user: TrialUser) -> dict[str, tuple[Any, ...]]:
    """Return type, status and accounts of everybody else in a list."""
    users = [item for item in items if isinstance(item, dict) and not user.is_named_by(item.get("email"))]
    return {str(one.get("email")): (one.get("type"), one.get("status"), one.get("accounts")) for one in users}
