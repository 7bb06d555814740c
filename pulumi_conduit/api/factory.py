"""Clients from settings: all that a caller needs.

Must not know where settings come from. Clients of one Conductor URL and user name share one login in the
process, clients of one URL its retries, and clients of one server its pace.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_conduit.api.auth import LoginAuthority, Logins, StaticAuthority
from pulumi_conduit.api.conductor_client import ConductorClient
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.executor import OnRequest, RequestExecutor, RetryPolicy, Transport
from pulumi_conduit.api.http import HttpSender, Timeouts, new_session
from pulumi_conduit.api.link_client import LinkClient
from pulumi_conduit.api.rate_limit import RateLimiters, RetryQuotas
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES, override_routes, prefix_routes
from pulumi_conduit.api.tls import TlsSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["ClientDependencies", "connect_conductor", "connect_link", "without_retries"]

_LOGINS = Logins()


@dataclass(frozen=True)
class ClientDependencies:
    """What a client takes from the process it runs in; tests bring their own."""

    clock: Clock = field(default_factory=Clock)
    timeouts: Timeouts = field(default_factory=Timeouts)
    new_session: Callable[[int], requests.Session] = new_session
    logins: Logins = _LOGINS
    quotas: RetryQuotas = field(default_factory=RetryQuotas)
    limiters: RateLimiters = field(default_factory=RateLimiters)


_PROCESS = ClientDependencies()


def without_retries() -> ClientDependencies:
    """Return surroundings in which nothing is sent twice: no retry, and no second login after a refused token."""
    return ClientDependencies(logins=Logins(most_renewals=0), quotas=RetryQuotas(0))


def connect_link(
    settings: LinkSettings,
    *,
    deadline_s: float,
    workers: int,
    on_request: OnRequest | None = None,
    surroundings: ClientDependencies = _PROCESS,
) -> LinkClient:
    """Return a client of the Link API; nothing is sent before it is asked for something."""
    wire = _wire(settings.url, workers, surroundings)
    patience = _patience(settings.url, deadline_s, surroundings)
    exchange = RequestExecutor(wire, patience, secrets=(settings.token,), on_request=on_request)
    return LinkClient(Transport(exchange, StaticAuthority(settings.token)), prefix_routes(settings.url, LINK_ROUTES))


def connect_conductor(
    settings: ConductorSettings,
    *,
    deadline_s: float,
    workers: int,
    on_request: OnRequest | None = None,
    surroundings: ClientDependencies = _PROCESS,
) -> ConductorClient:
    """Return a client of the Conductor API; it logs in when it is first asked for something."""
    table = override_routes(CONDUCTOR_ROUTES, settings.routes) if settings.routes else CONDUCTOR_ROUTES
    routes = prefix_routes(settings.url, table)
    wire = _wire(settings.url, workers, surroundings)
    patience = _patience(settings.url, deadline_s, surroundings)
    exchange = RequestExecutor(wire, patience, secrets=(settings.password,), on_request=on_request)
    authority = LoginAuthority(settings, routes, exchange, surroundings.logins.of(settings))
    return ConductorClient(Transport(exchange, authority), routes)


def _patience(url: str, deadline_s: float, surroundings: ClientDependencies) -> RetryPolicy:
    parts = urlsplit(url)
    limiter = surroundings.limiters.of(f"{parts.scheme}://{parts.netloc}")
    return RetryPolicy(surroundings.clock, surroundings.quotas.of(url), limiter, deadline_s)


def _wire(url: str, workers: int, surroundings: ClientDependencies) -> HttpSender:
    trust = TlsSettings.towards(url, os.environ)
    return HttpSender(url, trust, surroundings.new_session(workers), surroundings.timeouts)
