"""A scripted HTTP server on loopback, clients that talk to it, and a clock that never really waits."""

import json
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret

JSON = "application/json"


@dataclass
class Reply:
    """What the server does about one request."""

    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    ending: str = "whole"
    before: object = None
    interim: bytes = b""

    @property
    def content(self):
        """Bytes go out as they are, anything else as JSON, None as nothing."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict
    content: bytes
    client: tuple

    @property
    def body(self):
        """The JSON in it, or None."""
        return json.loads(self.content) if self.content else None

    @property
    def line(self):
        """Method and path."""
        return f"{self.method} {self.path}"


class ScriptedServer:
    """Answer requests from a script, in order, and keep what was asked; logins have a script of their own."""

    def __init__(self):
        """Start with empty scripts."""
        self.seen = []
        self._script = []
        self._logins = []
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def will(self, body=None, *, times=1, **reply):
        """Append a reply to the script."""
        self._script += [Reply(body, **reply)] * times

    def will_log_in(self, body=None, *, times=1, **reply):
        """Append a reply to the script of the logins."""
        self._logins += [Reply(body, **reply)] * times

    def forget(self):
        """Empty the scripts and what was asked."""
        self.seen.clear()
        self._script.clear()
        self._logins.clear()

    @property
    def check_link(self):
        """The advice of a message about a wrong base URL of Link."""
        return f"check CONDUIT_LINK_URL ({self.url})"

    @property
    def check_conductor(self):
        """The advice of a message about a wrong base URL of Conductor."""
        return f"check CONDUCTOR_URL ({self.url}) and the route table (CONDUCTOR_ROUTES)"

    @property
    def lines(self):
        """Method and path of everything but logins."""
        return [seen.line for seen in self.seen if seen.path != "/login"]

    @property
    def logins(self):
        """How many logins arrived."""
        return sum(seen.path == "/login" for seen in self.seen)

    def reply_to(self, seen):
        """Note a request and take the next reply."""
        with self._lock:
            self.seen.append(seen)
            if seen.path != "/login":
                return self._script.pop(0) if self._script else Reply({"message": "not in the script"}, 418)
            return self._logins.pop(0) if self._logins else Reply(token_answer(self.logins))

    def close(self):
        """Stop for good."""
        self._http.shutdown()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # the default of 5 turns away threads that come together

    def handle_error(self, request, client_address):
        """Say nothing about clients that went away."""


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet; two cost a delayed acknowledgement

        def handle_any(self):
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.reply_to(Seen(self.command, self.path, headers, content, self.client_address))
            if reply.before:
                reply.before()
            self.say(reply)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 -- http.server's names

        def say(self, reply):
            if reply.ending == "hang up":
                self.close_connection = True
                return
            self.wfile.write(reply.interim)
            self.send_response(reply.status)
            extra = 10 if reply.ending == "truncated" else 0
            for name, value in {"Content-Type": JSON, **reply.headers}.items():
                self.send_header(name, value)
            if reply.ending in ("chunked", "unfinished"):
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(reply.content) + extra))
            self.end_headers()
            self.wfile.write(framed(reply))
            self.close_connection = reply.ending in ("truncated", "unfinished")

        def log_message(self, *args):
            pass

    return Handler


def framed(reply):
    """Return the bytes of the body as they go over the wire."""
    if reply.ending not in ("chunked", "unfinished"):
        return reply.content
    chunk = b"%x\r\n%s\r\n" % (len(reply.content), reply.content)
    return chunk + (b"0\r\n\r\n" if reply.ending == "chunked" else b"")


def token_answer(number, expires_in=86400):
    """Return the answer to a login."""
    return {
        "accessToken": f"access-{number}",
        "idToken": f"id-{number}",
        "refreshToken": f"refresh-{number}",
        "expiresIn": expires_in,
    }


class FakeTime:
    """A clock that jumps when somebody sleeps."""

    def __init__(self):
        """Begin at some time or other."""
        self.now = 1_000.0
        self.naps = []

    def sleep(self, seconds):
        """Let the time pass at once."""
        self.naps.append(seconds)
        self.now += seconds

    @property
    def clock(self):
        """The clock as the clients take it, with the longest wait that chance allows."""
        return Clock(monotonic=lambda: self.now, wall=lambda: 1_700_000_000.0, sleep=self.sleep, random=lambda: 1.0)


@pytest.fixture
def server():
    """Start a server that answers from a script."""
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def fake_time():
    """Time that passes only when somebody sleeps."""
    return FakeTime()


@pytest.fixture
def dependencies(fake_time):
    """Give what the clients take from their process; no login is known yet."""
    return ClientDependencies(clock=fake_time.clock, timeouts=Timeouts(0.5, 2.0), logins=Logins())


@pytest.fixture
def clients():
    """Close every client at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def connect_to_link(server, dependencies, clients):
    """Make a Link client of the scripted server."""

    def connect(**given):
        settings = LinkSettings(given.pop("url", server.url), Secret("link-token"))
        arguments = {"deadline_s": 120, "workers": 4, "dependencies": dependencies, **given}
        client = connect_link(settings, **arguments)
        clients.callback(client.close)
        return client

    return connect


@pytest.fixture
def connect_to_conductor(server, dependencies, clients):
    """Make a Conductor client of the scripted server."""

    def connect(**given):
        password = Secret(given.pop("password", "hunter2"))
        settings = ConductorSettings(
            given.pop("url", server.url), "admin@x.example", password, given.pop("routes", None)
        )
        arguments = {"deadline_s": 120, "workers": 4, "dependencies": dependencies, **given}
        client = connect_conductor(settings, **arguments)
        clients.callback(client.close)
        return client

    return connect


@pytest.fixture
def link(connect_to_link):
    """Make a Link client with the usual limits."""
    return connect_to_link()


@pytest.fixture
def conductor(connect_to_conductor):
    """Make a Conductor client with the usual limits."""
    return connect_to_conductor()


@pytest.fixture
def company():
    """Give a company as the Link API answers it."""
    return {
        "id": "ACME",
        "name": "Acme",
        "created_at": "2023-03-15T12:34:56Z",
        "link_page": {"url": None, "enabled": False},
        "api_token": {"token": "company-token", "expires_at": 1678898400},
    }


@pytest.fixture
def user():
    """Give a user as the Conductor API answers it."""
    return {
        "accounts": [1, 2, 3],
        "email": "jane@x.example",
        "firstname": "Jane",
        "lastname": "Doe",
        "sso_access": True,
        "type": "READ_ONLY",
        "view": "COMPLETE",
        "status": "ACTIVE",
    }
