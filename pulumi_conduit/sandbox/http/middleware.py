"""What happens to every request before and after the rules: origins, the log, the limits, the faults, the cut."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from pulumi_conduit.sandbox.event_log import OUTSIDE, Entry
from pulumi_conduit.sandbox.http.context import refusal
from pulumi_conduit.sandbox.routes import CONDUCTOR_PREFIX, Match, has_path, matched, split_api
from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pulumi_conduit.sandbox.faults import Fault
    from pulumi_conduit.sandbox.services import Services
    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["ADMIN_PREFIX", "CONSOLE_PATH", "PAGE_HEADERS", "CuttableProtocol", "Middleware", "require_loopback"]


def is_loopback(host: str) -> bool:
    """Return whether a host is loopback, by address or as `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_authority(authority: str) -> bool:
    """Return whether the host of a `Host` header is loopback."""
    try:
        return is_loopback(urlsplit(f"//{authority}").hostname or "")
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """Return the host, or refuse it: the sandbox has no secrets worth guarding and no guard."""
    if not is_loopback(host):
        raise MistakeError(f"the sandbox listens on loopback only, not on {host!r}; use 127.0.0.1")
    return host


# Nothing from other origins, nothing inline, no markup from text, in no frame.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
PAGE_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_from_another_page(headers: Headers) -> bool:
    """Return whether a browser sends this from a page of another origin; other clients send no such header."""
    # Every browser names the origin of a page that sends anything but a GET; `null` is a page that hides its own.
    own = f"http://{headers.get('host', '')}"
    is_foreign = headers.get("origin", own) != own
    return is_foreign or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}


_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class CuttableProtocol(H11Protocol):
    """The server's HTTP protocol, which adds the transport to each request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport where every scope of this connection finds it."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


async def cut(scope: Scope, receive: Receive) -> None:
    """Reset the connection at once, and return when the server has noticed."""
    transport: Any = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    # Returning earlier would make the server send a 500.
    while (await receive())["type"] != "http.disconnect":
        pass


_WEB_PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to continue."


class Exchange:
    """The request, its send channel, and the app that serves it."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what ASGI gives."""
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send

    async def answer(self) -> None:
        """Answer as the APIs would."""
        await self._app(self._scope, self._receive, self._send)

    async def send(self, response: Response) -> None:
        """Answer this instead."""
        await response(self._scope, self._receive, self._send)

    async def struck(self, fault: Fault, switches: Switches, hooks: Executor) -> None:
        """Apply the fault."""
        if fault.hook:
            await asyncio.get_running_loop().run_in_executor(hooks, fault.hook)
        await asyncio.sleep(fault.delay_s)
        if fault.drop:
            await self._drop(handled=fault.drop == "after")
        elif fault.garbage:
            await self.send(_garble(fault.garbage, await self._serve_body()))
        elif fault.status is not None:
            await self._refuse(fault, fault.status, switches)
        else:
            await self.answer()

    async def _drop(self, *, handled: bool) -> None:
        if handled:
            await self._serve_body()
        await cut(self._scope, self._receive)

    async def _refuse(self, fault: Fault, status: int, switches: Switches) -> None:
        if fault.handled:
            await self._serve_body()
        if fault.body is None:
            response = refusal(switches, status, "A fault of the sandbox.", fault.headers)
        else:
            response = JSONResponse(fault.body, status, fault.headers)
        await self.send(response)

    async def _serve_body(self) -> bytes:
        """Serve the request, and return the body of the response instead of sending it."""
        body = bytearray()

        async def keep(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self._app(self._scope, self._receive, keep)
        return bytes(body)


def _garble(garbage: str, body: bytes) -> Response:
    if garbage == "html":
        return HTMLResponse(_WEB_PAGE)
    if garbage == "wrong_shape":
        return JSONResponse({"unexpected": ["shape"]})
    content = b"" if garbage == "empty" else body[: len(body) // 2]
    return Response(content, media_type="application/json")


ADMIN_PREFIX = "/_sandbox"
CONSOLE_PATH = f"{ADMIN_PREFIX}/console/"
_OPERATORS = (ADMIN_PREFIX, "/openapi.json")
_READS = {"GET", "HEAD", "OPTIONS"}
_MOST_BODY_BYTES = 16 * 2**20


class Middleware:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, services: Services, hooks: Executor) -> None:
        """Wrap the app; hooks of faults run in `hooks`, because they may block."""
        self._app = app
        self._services = services
        self._hooks = hooks
        self._recent: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["path"] = _path_in_segments(scope)
        scope["state"]["services"] = self._services
        exchange = Exchange(self._app, scope, receive, send)
        if not is_loopback_authority(Headers(scope=scope).get("host", "")):
            # A web page could otherwise reach in through a name that resolves to this machine.
            await exchange.send(JSONResponse({"message": "The sandbox answers to loopback names only."}, 400))
        elif not scope["path"].startswith(_OPERATORS):
            await self._serve_api(scope, receive, send)
        elif scope["method"] in _READS:
            await exchange.answer()
        else:
            await self._serve_admin(scope, receive, send)

    async def _serve_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request to an API; what no client of ours would send spends no fault and is no write in the log."""
        refused = None
        if is_from_another_page(Headers(scope=scope)):
            refused = JSONResponse({"message": "The sandbox answers to no other web page."}, 403)
        elif _says_too_much(scope):
            refused = JSONResponse({"message": f"A body has at most {_MOST_BODY_BYTES} bytes."}, 413)
        if refused:
            await refused(scope, receive, send)
        else:
            await self._serve_logged(scope, _up_to_the_limit(receive), send)

    async def _serve_admin(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_from_another_page(Headers(scope=scope)):
            refused = JSONResponse({"message": "The sandbox takes no orders from other web pages."}, 403)
            await refused(scope, receive, send)
            return
        if _says_too_much(scope):
            await JSONResponse({"message": "This body is too long."}, 413)(scope, receive, send)
            return
        entry = Entry(0, OUTSIDE, scope["method"], scope["path"], None, {})

        async def noting(message: Message) -> None:
            _note(entry, scope, message)
            await send(message)

        with self._services.event_log.request(entry):
            await self._app(scope, receive, noting)

    async def _serve_logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        api, path = split_api(scope["path"])
        switches = self._services.world.switches
        match = matched(api, scope["method"], path, switches.routes)
        entry = self._services.request_log.begin(
            api, scope["method"], path, match.route if match else None, scope["query_string"].decode("latin-1")
        )
        app = self._app if match else _unknown_route(api, path, switches) or self._app

        async def noting(message: Message) -> None:
            _note(entry, scope, message)
            await send(message)

        try:
            with self._services.event_log.request(entry):
                await self._served(
                    Exchange(app, _as_documented(scope, match), receive, _with_status(noting, entry, switches)), entry
                )
        finally:
            self._services.request_log.end()
            entry.who = scope["state"].get("who")

    async def _served(self, exchange: Exchange, entry: Entry) -> None:
        switches = self._services.world.switches
        if self._is_over_the_limit(switches.rate_limit_per_s):
            await exchange.send(refusal(switches, 429, "Too many requests.", {"Retry-After": "1"}))
            return
        await asyncio.sleep(switches.latency_s)
        fault = self._services.faults.strike(entry.route, entry.path)
        if fault:
            await exchange.struck(fault, switches, self._hooks)
        else:
            await exchange.answer()

    def _is_over_the_limit(self, limit: int | None) -> bool:
        now = self._services.world.clock.now()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if limit is not None and len(self._recent) >= limit:
            return True
        self._recent.append(now)
        return False


_UNKNOWN = {"not_found": 404, "not_allowed": 405, "not_implemented": 501, "bad_request": 400, "forbidden": 403}


def _unknown_route(api: str, path: str, switches: Switches) -> Response | None:
    """Return the response to a request for which Conductor has no route; None where the app has one of its own."""
    if api != "conductor" or (switches.unknown_route == "standard" and not switches.routes):
        return None
    if switches.unknown_route == "page":
        return HTMLResponse(_WEB_PAGE)
    standard = 405 if has_path(api, path, switches.routes) else 404
    status = _UNKNOWN.get(switches.unknown_route, standard)
    return refusal(switches, status, "There is nothing here.")


def _as_documented(scope: Scope, match: Match | None) -> Scope:
    """Return the request as it would be with the documented verb and path."""
    if match is None or match.route.api != "conductor":
        return scope
    return {**scope, "method": match.route.method, "path": CONDUCTOR_PREFIX + match.path}


def _with_status(send: Send, entry: Entry, switches: Switches) -> Send:
    """Send a write that succeeded with the status that the switch names."""
    status = switches.write_status
    if status is None or entry.method == "GET" or entry.route in (None, "POST /login"):
        return send
    is_success = False

    async def send_as(message: Message) -> None:
        nonlocal is_success
        if message["type"] == "http.response.start":
            is_success = 200 <= message["status"] < 300
            headers = [pair for pair in message["headers"] if status != 204 or pair[0] != b"content-length"]
            message = {**message, "status": status, "headers": headers} if is_success else message
        elif is_success and status == 204:
            message = {**message, "body": b""}
        await send(message)

    return send_as


def _says_too_much(scope: Scope) -> bool:
    length = Headers(scope=scope).get("content-length", "0")
    return not length.isdecimal() or int(length) > _MOST_BODY_BYTES


def _up_to_the_limit(receive: Receive) -> Receive:
    """Take a body that does not say its length for broken off where it is too long."""
    taken = 0

    async def receive_some() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= _MOST_BODY_BYTES else {"type": "http.disconnect"}

    return receive_some


def _path_in_segments(scope: Scope) -> str:
    # Decoded, a slash within an email would end its segment, and `…%2Fstatus` would set a user's status.
    raw: bytes = scope["raw_path"]
    if (scope["method"], raw) == ("GET", b"/"):
        return CONSOLE_PATH  # no route of its own: whatever else is sent to `/` is the Link API's to refuse
    return unquote(re.sub("%2f", "%252F", raw.decode("ascii"), flags=re.IGNORECASE))


def _note(entry: Entry, scope: Scope, message: Message) -> None:
    # Before the response is sent: its receiver may read the log at once.
    if message["type"] == "http.response.start":
        entry.status = message["status"]
        entry.who = scope["state"].get("who")
