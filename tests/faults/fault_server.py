"""One cell of the matrix: a sandbox behind a proxy, clients with a clock that jumps, and a fault."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from fault_kinds import WALL
from fault_proxy import LOGIN, wait_until
from operations import ANN, Kind

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.api.records import AccountRecord, CompanyRecord, LoginResponse
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret

CERTIFICATES = Path(__file__).parent / "certificates"
DEADLINE_S = 120
_HASTE_S = 0.02
_PATIENCE_S = 20.0
_IDENTITY = "admin@sandbox.example"


class JumpingTime:
    """A clock that jumps when somebody sleeps, and when a server takes its time."""

    def __init__(self):
        """Begin at some time or other."""
        self.now = 1_000.0
        self.naps = []
        self._mends = {}

    def sleep(self, seconds):
        """Let the time pass at once, and what was to happen then."""
        self.naps.append(seconds)
        self.pass_by(seconds)
        self._mends.pop(len(self.naps), lambda: None)()

    def pass_by(self, seconds):
        """Let time pass without anybody sleeping."""
        self.now += seconds

    def after_naps(self, times, mend):
        """Do something after so many naps, or never when that is None."""
        self._mends[times] = mend

    @property
    def clock(self):
        """The clock as the clients take it, with the longest wait that chance allows."""
        return Clock(monotonic=lambda: self.now, wall=lambda: WALL, sleep=self.sleep, random=lambda: 1.0)


class _Haste(Timeouts):
    """Timeouts that are short for as long as a fault lasts, and begin an attempt when the one before has arrived."""

    _seen: tuple[Any, str, list[float]]

    def __init__(self, proxy, line):
        super().__init__()
        object.__setattr__(self, "_seen", (proxy, line, []))

    def within(self, left_s):
        proxy, _, attempts = self._seen
        self.await_arrival()
        attempts.append(left_s)
        return _HASTE_S, _HASTE_S if proxy.is_armed else _PATIENCE_S

    def await_arrival(self):
        """Return when every attempt so far has arrived, unless none can: on a busy machine a client gives up sooner."""
        proxy, line, attempts = self._seen
        wait_until(lambda: proxy.lines[line] >= len(attempts) or not proxy.is_armed)


@dataclass(frozen=True)
class Played:
    """What came of one run: a result or an error, and what the server and the clock saw."""

    result: object
    error: ConduitError | None
    requests: int
    naps: tuple
    logins: int
    effects: int
    remote_state: dict


class FaultServer:
    """The sandbox, the proxy before it, and the clients of one run."""

    def __init__(self, sandbox, proxy, tls_proxy, monkeypatch):
        """Take what is shared by all cells; `tls_proxy` gives the proxy of a certificate."""
        self.sandbox = sandbox
        self.proxy = proxy
        self.patch: Any = None
        self.host = None
        self.time = JumpingTime()
        self._tls_proxy = tls_proxy
        self._monkeypatch = monkeypatch

    def tls_proxy(self, certificate):
        """Return the proxy that shows a certificate, with its counts at zero."""
        proxy = self._tls_proxy(CERTIFICATES / certificate)
        proxy.forget()
        return proxy

    def trust_the_authority(self):
        """Let the clients trust the tests' own authority, and no other."""
        self.patch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))

    def play(self, operation, inject, *, switches=None, is_hasty=False, deadline_s=DEADLINE_S):
        """Make one operation with a fault in its way, and return what came of it."""
        self._begin(switches or {})
        self._deadline_s = deadline_s
        with self._monkeypatch.context() as self.patch, inject(self, operation) as proxy:
            timeouts = _Haste(proxy, operation.line) if is_hasty else Timeouts(_PATIENCE_S, _PATIENCE_S)
            result, error = self._asked(operation, proxy, timeouts)
            if isinstance(timeouts, _Haste):
                timeouts.await_arrival()
            assert wait_until(proxy.is_quiet)
            return Played(
                result=result,
                error=error,
                requests=proxy.lines[operation.line],
                naps=tuple(self.time.naps),
                logins=0 if operation.kind is Kind.LOGIN else proxy.lines[LOGIN],
                effects=proxy.effects[operation.line],
                remote_state=remote_state(self.sandbox),
            )

    @property
    def secrets(self):
        """Return what no message may show."""
        link, conductor = self.sandbox.link, self.sandbox.conductor
        return {link.app_token(), conductor.password(), self.token}

    def _begin(self, switches):
        """Begin with a sandbox that knows one company and one user, and with an identity that has logged in."""
        self.sandbox.reset()
        self.sandbox.link.put_company("ACME", name="Acme")
        self.sandbox.conductor.put_user(ANN, accounts=[1, 2])
        self.sandbox.switches = type(self.sandbox.switches)(**switches)
        self.time, self.host = JumpingTime(), None
        self.proxy.forget()
        credentials = {"username": _IDENTITY, "password": self.sandbox.conductor.password()}
        self._login = _posted(f"{self.sandbox.conductor_url}/login", credentials)
        self.token = json.loads(self._login)["accessToken"]
        self.before = remote_state(self.sandbox)

    def _asked(self, operation, proxy, timeouts):
        dependencies = ClientDependencies(clock=self.time.clock, timeouts=timeouts, logins=Logins())
        connect = self._link if operation.api == "Conduit Link" else self._conductor
        client = connect(operation, proxy.url.replace("127.0.0.1", self.host or "127.0.0.1"), dependencies)
        with closing(client):
            try:
                return operation.ask(client), None
            except ConduitError as error:
                return None, error

    def _link(self, _, url, dependencies):
        settings = LinkSettings(url, Secret(self.sandbox.link.app_token()))
        return connect_link(settings, deadline_s=self._deadline_s, workers=2, dependencies=dependencies)

    def _conductor(self, operation, url, dependencies):
        settings = ConductorSettings(url + "/conductor", _IDENTITY, Secret(self.sandbox.conductor.password()), None)
        if operation.kind is not Kind.LOGIN:
            dependencies.logins.of(settings).token(lambda: LoginResponse.model_validate_json(self._login))
        return connect_conductor(settings, deadline_s=self._deadline_s, workers=2, dependencies=dependencies)


@contextmanager
def undisturbed(fault_server, _):
    """Put no fault in the way."""
    yield fault_server.proxy


def remote_state(sandbox):
    """Return what the APIs know, but for what every call makes anew."""
    state = sandbox.dump()
    companies = {key: (each["name"], each["page_enabled"]) for key, each in state["apps"]["default"].items()}
    return {"users": state["users"], "companies": companies}


def comparable(result):
    """Return a result without what every creation makes anew."""
    if isinstance(result, CompanyRecord):
        return (result.id, result.name, result.link_page.enabled)
    if isinstance(result, list):
        return [comparable(item) for item in result]
    if isinstance(result, AccountRecord):
        return (result.account_id, result.name)
    return result


def _posted(url, body):
    with closing(urlopen(Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}))) as answer:  # noqa: S310 -- loopback
        return answer.read()
