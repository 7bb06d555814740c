"""Serves an ASGI app on loopback from a thread, and stops it cleanly; knows uvicorn, and not what is served."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from pulumi_conduit.sandbox.http.middleware import CuttableProtocol, require_loopback
from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["Server", "listen"]

_BACKLOG = 1024
_MOST_CONNECTIONS = 1000


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 is any that is free."""
    family = socket.AF_INET6 if ":" in require_loopback(host) else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it each response takes 40 ms more.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise MistakeError(f"the sandbox cannot listen on {host}:{port}: {error}") from error
    return listening


class Server:
    """A running server."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        """Serve the app on this socket, which is closed in the end; requests are taken from now on."""
        self._listening = listening
        config = uvicorn.Config(
            app,
            http=CuttableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            limit_concurrency=_MOST_CONNECTIONS,  # beyond it the answer is 503, and descriptors are left for others
        )
        self._uvicorn = uvicorn.Server(config)
        # A daemon, so that a test run that does not stop it can still end.
        self._thread = threading.Thread(target=self._serve, name="conduit-sandbox", daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """The URL that reaches this server, without a slash at the end."""
        host, port = self._listening.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def stop(self) -> None:
        """Finish the requests in flight, or cancel them after a second, and close the socket."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        self._uvicorn.run(sockets=[self._listening])
