"""Cutting a client's connection from within: ASGI has no word for it, so the server's protocol lends its transport.

Knows uvicorn's protocol class and nothing of what is served.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope

__all__ = ["CuttableProtocol", "cut"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class CuttableProtocol(H11Protocol):
    """The server's HTTP protocol, which tells each request's scope the transport that it came in by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport where every scope of this connection finds it."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


async def cut(scope: Scope, receive: Receive) -> None:
    """Reset the connection at once, and return when the server knows that it is gone."""
    transport: Any = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    # Returning earlier would make the server answer 500 on the way out.
    while (await receive())["type"] != "http.disconnect":
        pass
