"""One request to an API and what a fault makes of it; knows no route and no rule."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, Response

from pulumi_conduit.sandbox.http.connection import cut
from pulumi_conduit.sandbox.http.refusals import refusal

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pulumi_conduit.sandbox.faults import Fault
    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["Exchange"]

_WEB_PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to continue."


class Exchange:
    """The request, the way back, and the app that would answer it."""

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
        """Do what the fault says."""
        if fault.hook:
            await asyncio.get_running_loop().run_in_executor(hooks, fault.hook)
        await asyncio.sleep(fault.delay_s)
        if fault.drop:
            await self._drop(handled=fault.drop == "after")
        elif fault.garbage:
            await self.send(_garbled(fault.garbage, await self._handled()))
        elif fault.status is not None:
            await self._refuse(fault, fault.status, switches)
        else:
            await self.answer()

    async def _drop(self, *, handled: bool) -> None:
        if handled:
            await self._handled()
        await cut(self._scope, self._receive)

    async def _refuse(self, fault: Fault, status: int, switches: Switches) -> None:
        if fault.handled:
            await self._handled()
        if fault.body is None:
            response = refusal(switches, status, "The sandbox was told to fail.", fault.headers)
        else:
            response = JSONResponse(fault.body, status, fault.headers)
        await self.send(response)

    async def _handled(self) -> bytes:
        """Let the request have its effect, and return the body of the answer instead of sending it."""
        body = bytearray()

        async def keep(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self._app(self._scope, self._receive, keep)
        return bytes(body)


def _garbled(garbage: str, body: bytes) -> Response:
    if garbage == "html":
        return HTMLResponse(_WEB_PAGE)
    if garbage == "wrong_shape":
        return JSONResponse({"unexpected": ["shape"]})
    content = b"" if garbage == "empty" else body[: len(body) // 2]
    return Response(content, media_type="application/json")
