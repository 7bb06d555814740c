"""The Python handle of a sandbox: start, edit, inspect and stop it from a test or program.

It serves the app on loopback from a thread, and stops it cleanly.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from pulumi_conduit.sandbox.http.app import build
from pulumi_conduit.sandbox.http.middleware import CuttableProtocol, require_loopback
from pulumi_conduit.sandbox.routes import CONDUCTOR_PREFIX
from pulumi_conduit.sandbox.rules.state import DEFAULT_APP, DEFAULT_IDENTITY
from pulumi_conduit.sandbox.rules.words import MistakeError
from pulumi_conduit.sandbox.services import Services
from pulumi_conduit.sandbox.store import open_store

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from types import TracebackType

    from starlette.types import ASGIApp

    from pulumi_conduit.sandbox.edits import ConductorEdits, LinkEdits
    from pulumi_conduit.sandbox.faults import Faults
    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["Sandbox", "Server", "listen"]

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


# Hooks block their thread, and a barrier wants all its parties at once.
_HOOK_THREADS = 512


class Sandbox:
    """A running stand-in of both APIs; `with Sandbox.start() as sandbox:` stops it in the end."""

    def __init__(self, services: Services, host: str, port: int) -> None:
        """Serve these services; use `start`."""
        self._services = services
        self._hooks = ThreadPoolExecutor(_HOOK_THREADS, thread_name_prefix="conduit-sandbox-hook")
        self._server = Server(build(services, self._hooks), listen(host, port))

    @classmethod
    def start(
        cls,
        *,
        switches: Switches | None = None,
        file: str | os.PathLike[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> Sandbox:
        """Start on loopback, with the state of the file if there is one, else with the seed."""
        store = open_store(Path(file) if file else None)
        try:
            return cls(Services(store, switches), host, port)
        except BaseException:
            store.close()
            raise

    def __enter__(self) -> Sandbox:  # noqa: PYI034 - Self is not in typing before 3.11
        """Return the running sandbox."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def stop(self) -> None:
        """Stop serving, and close the file."""
        self._server.stop()
        self._hooks.shutdown(wait=False, cancel_futures=True)
        self._services.world.close()

    @property
    def link_url(self) -> str:
        """The base URL of the Link API."""
        return self._server.base_url

    @property
    def conductor_url(self) -> str:
        """The base URL of the Conductor API, which has a path, as the real one may."""
        return self._server.base_url + CONDUCTOR_PREFIX

    @property
    def process_id(self) -> str:
        """A value unique to this start, as in the handshake."""
        return self._services.process_id

    def environ(
        self,
        link_app: str = DEFAULT_APP,
        identity: str = DEFAULT_IDENTITY,
        profile: str | None = None,
    ) -> dict[str, str]:
        """Return the provider's environment variables for a Link APP and an identity, of a profile if one is named."""
        suffix = f"_{profile.upper()}" if profile else ""
        return {
            f"CONDUIT_LINK_URL{suffix}": self.link_url,
            f"CONDUIT_LINK_APP_TOKEN{suffix}": self.link.app_token(link_app),
            f"CONDUCTOR_URL{suffix}": self.conductor_url,
            f"CONDUCTOR_USERNAME{suffix}": identity,
            f"CONDUCTOR_PASSWORD{suffix}": self.conductor.password(identity),
        }

    def only_environ(self, environ: Mapping[str, str], **chosen: str) -> dict[str, str]:
        """Return an environment in which no other settings of the provider are set than this sandbox's.

        A profile of the user's own that stays there is tried, too: its password would go to a real server.
        """
        others = {name: value for name, value in environ.items() if not name.startswith(("CONDUIT_", "CONDUCTOR_"))}
        return {**others, **self.environ(**chosen)}

    @property
    def link(self) -> LinkEdits:
        """Link APPs and companies, edited from outside."""
        return self._services.link_edits

    @property
    def conductor(self) -> ConductorEdits:
        """Accounts, identities and users, edited from outside."""
        return self._services.conductor_edits

    @property
    def faults(self) -> Faults:
        """The armed faults."""
        return self._services.faults

    @property
    def switches(self) -> Switches:
        """The switches; set it to change them from the next request on."""
        return self._services.world.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self._services.world.switches = switches

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The log of requests to the APIs: seq, api, method, path, route, query, status and who."""
        return self._services.request_log.entries()

    @property
    def peak_in_flight(self) -> int:
        """How many requests were in flight at once, at most, since the log was last cleared."""
        return self._services.request_log.peak_in_flight

    def writes(self) -> list[dict[str, Any]]:
        """Return the logged requests that ask for a change, granted or not; a login is none."""
        return self._services.request_log.writes()

    def count(self, route: str) -> int:
        """Return how often a route was asked for, such as `POST /users`; a misspelled one is an error."""
        return self._services.request_log.count(route)

    def counts(self) -> dict[str, int]:
        """Return how often each route was asked for; those never asked for are left out."""
        return self._services.request_log.counts()

    def forget_requests(self) -> None:
        """Empty the log; the state stays."""
        self._services.request_log.forget()

    def advance(self, seconds: float) -> None:
        """Push the sandbox's time forward, so that tokens expire without waiting."""
        self._services.world.clock.advance(seconds)

    def dump(self) -> dict[str, Any]:
        """Return the whole state as plain JSON, without tokens and passwords."""
        return self._services.dump()

    def reset(self) -> None:
        """Go back to the seed and the first switches, without faults and with an empty log; credentials stay."""
        self._services.reset()
