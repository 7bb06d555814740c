"""Conductor, as far as it is known: finds the route of each operation, and looks at the test user after every write.

A write goes on to another candidate only where 404 or 405 refused it, a look shows that nothing changed, and the caller
allowed it. Every response about a user is held to be about the test user; anything else ends the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from pulumi_conduit.api.records import AccountRecord, AccountsResponse, Flaw, LoginResponse, UserRecord, parse_body
from pulumi_conduit.api.request import ApiRequest
from pulumi_conduit.api.routes import LOGIN, Route, RouteTable
from pulumi_conduit.cli.verify.candidates import Candidates
from pulumi_conduit.cli.verify.results import ForeignError, Results, Verdict
from pulumi_conduit.cli.verify.search import Search

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
            record = search.add(self._caller.send(self._request(route)), schema)
            if not isinstance(record, Flaw):
                self._record(route, search.last)
                return record
            if search.is_refused:
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
        is_missing = "list_users" in self._results.rows and "list_users" not in self.found
        items = [] if is_missing else self.read("list_users", _ITEMS) or []
        mine = [item for item in items if isinstance(item, dict) and self.user.is_named_by(item.get("email"))]
        if not mine:
            return None
        if len(mine) > 1:
            raise ForeignError("the list has two users whose addresses differ in case only")
        record = parse_body(json.dumps(mine[0]).encode(), _USER)
        if isinstance(record, Flaw):
            self._results.doubt("list_users", f"the test user in it: the response {record.reason}")
            return None
        return self.user.require_same(record)

    def existing(self) -> UserRecord | None:
        """Return the test user before its creation, wherever a read shows it; no route is recorded as missing."""
        return self.list_entry() or next(self._at_candidates(), None)

    def _look_for_new_user(self) -> UserRecord | None:
        """Return the user that a refused creation may have made all the same."""
        return self.list_entry() if "list_users" in self.found else self.existing()

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
            if record is not None or self._results.rows["get_user"].verdict is not Verdict.NOT_FOUND:
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
        look = self._look_for_new_user if is_create else self.look
        before = look()
        routes = self._candidates.writes(name)
        for route in routes if self._results.probes_writes else routes[:1]:
            reply = self._caller.send(self._request(route, body=body, query=query, account=account))
            if reply.is_success or (conflict and reply.status == 409):
                after = self._settle_after(route, reply.parse(schema), expected, status)
                return self._judge(route, reply, schema, is_done=expected(after), is_same=after == before)
            if not reply.is_unknown_route:
                self._results.add(route, reply.describe(), Verdict.REFUSED)
                return False
            if look() != before:
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
        return self._caller.send(self._request(self.found[name], body=body, query=query, account=account))

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
        return self._caller.send(ApiRequest(self.found["get_user"], {"userEmail": email}))

    def _at_candidates(self) -> Iterator[UserRecord]:
        for route in self._candidates.reads("get_user"):
            record = self._caller.send(self._request(route)).parse(_USER)
            if not isinstance(record, Flaw):
                yield self.user.require_same(record)

    def _settle_after(self, route: Route, record: object, expected: Expected, status: str | None) -> UserRecord | None:
        self._require_mine(record)
        return (self.find_user() if route.name == "create_user" else None) or self.settle(expected, status=status)

    def _judge(self, route: Route, reply: Reply, schema: TypeAdapter[Any], *, is_done: bool, is_same: bool) -> bool:
        """Record what came of a write that was accepted; return whether it did what was expected."""
        if not is_done:
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
