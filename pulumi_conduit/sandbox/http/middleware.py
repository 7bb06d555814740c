"""What happens to every request before and after the rules: the log, the limits and the faults.

Only requests to the two APIs are logged and struck. The operator's own may come from no other web page, and those that
change something are in the chronicle. Knows no rule of either API.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from pulumi_conduit.sandbox.event_log import OUTSIDE
from pulumi_conduit.sandbox.http.faulted import Exchange
from pulumi_conduit.sandbox.http.pages import is_from_another_page
from pulumi_conduit.sandbox.http.refusals import refusal
from pulumi_conduit.sandbox.loopback import is_loopback_authority
from pulumi_conduit.sandbox.request_log import Entry
from pulumi_conduit.sandbox.routes import matched, split_api

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pulumi_conduit.sandbox.services import Rooms

__all__ = ["ADMIN_PREFIX", "CONSOLE_PATH", "Wire"]

ADMIN_PREFIX = "/_sandbox"
CONSOLE_PATH = f"{ADMIN_PREFIX}/console/"
_OPERATORS = (ADMIN_PREFIX, "/openapi.json")
_READS = {"GET", "HEAD", "OPTIONS"}


class Wire:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, rooms: Rooms, hooks: Executor) -> None:
        """Wrap the app; hooks of faults run in `hooks`, for they may block."""
        self._app = app
        self._rooms = rooms
        self._hooks = hooks
        self._recent: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["path"] = _path_in_segments(scope)
        exchange = Exchange(self._app, scope, receive, send)
        if not is_loopback_authority(Headers(scope=scope).get("host", "")):
            # A web page could otherwise reach in through a name that resolves to this machine.
            await exchange.send(JSONResponse({"message": "The sandbox answers to loopback names only."}, 400))
        elif not scope["path"].startswith(_OPERATORS):
            await self._logged(scope, receive, send)
        elif scope["method"] in _READS:
            await exchange.answer()
        else:
            await self._operated(scope, receive, send)

    async def _operated(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_from_another_page(Headers(scope=scope)):
            refused = JSONResponse({"message": "The sandbox takes no orders from other web pages."}, 403)
            await refused(scope, receive, send)
            return
        entry = Entry(0, OUTSIDE, scope["method"], scope["path"], None, {})

        async def noting(message: Message) -> None:
            _note(entry, scope, message)
            await send(message)

        with self._rooms.chronicle.request(entry):
            await self._app(scope, receive, noting)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        api, path = split_api(scope["path"])
        route = matched(api, scope["method"], path)
        entry = self._rooms.journal.begin(api, scope["method"], path, route, scope["query_string"].decode("latin-1"))

        async def noting(message: Message) -> None:
            _note(entry, scope, message)
            await send(message)

        try:
            with self._rooms.chronicle.request(entry):
                await self._served(Exchange(self._app, scope, receive, noting), entry)
        finally:
            self._rooms.journal.end()
            entry.who = scope["state"].get("who")

    async def _served(self, exchange: Exchange, entry: Entry) -> None:
        switches = self._rooms.world.switches
        if self._is_over_the_limit(switches.rate_limit_per_s):
            await exchange.send(refusal(switches, 429, "Too many requests.", {"Retry-After": "1"}))
            return
        await asyncio.sleep(switches.latency_s)
        fault = self._rooms.faults.strike(entry.route, entry.path)
        if fault:
            await exchange.struck(fault, switches, self._hooks)
        else:
            await exchange.answer()

    def _is_over_the_limit(self, limit: int | None) -> bool:
        now = self._rooms.world.clock.now()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if limit is not None and len(self._recent) >= limit:
            return True
        self._recent.append(now)
        return False


def _path_in_segments(scope: Scope) -> str:
    # Decoded, a slash within an email would end its segment, and `…%2Fstatus` would set somebody's status.
    raw: bytes = scope["raw_path"]
    if (scope["method"], raw) == ("GET", b"/"):
        return CONSOLE_PATH  # no route of its own: whatever else is sent to `/` is the Link API's to refuse
    return unquote(re.sub("%2f", "%252F", raw.decode("ascii"), flags=re.IGNORECASE))


def _note(entry: Entry, scope: Scope, message: Message) -> None:
    # Before the answer leaves: who has received it may look at the log at once.
    if message["type"] == "http.response.start":
        entry.status = message["status"]
        entry.who = scope["state"].get("who")
