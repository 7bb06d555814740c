"""Builds clients from settings.

Must not know where settings come from. Within a process, clients of one Conductor URL and user name share one login,
clients of one URL share the retry quota, and clients of one server share the rate limit.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_conduit.api.auth import LoginAuth, Logins, StaticAuth
from pulumi_conduit.api.conductor_client import ConductorClient
from pulumi_conduit.api.connections import TlsSettings
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.executor import OnRequest, RequestExecutor, RetryPolicy, Transport
from pulumi_conduit.api.http import HttpSender, Timeouts, new_session
from pulumi_conduit.api.link_client import LinkClient
from pulumi_conduit.api.retry import RateLimiters, RetryQuotas
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES, override_routes, prefix_routes

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["ClientDependencies", "connect_conductor", "connect_link", "without_retries"]

_LOGINS = Logins()


@dataclass(frozen=True)
class ClientDependencies:
    """What a client takes from its process; tests pass their own."""

    clock: Clock = field(default_factory=Clock)
    timeouts: Timeouts = field(default_factory=Timeouts)
    new_session: Callable[[int], requests.Session] = new_session
    logins: Logins = _LOGINS
    quotas: RetryQuotas = field(default_factory=RetryQuotas)
    limiters: RateLimiters = field(default_factory=RateLimiters)


_PROCESS = ClientDependencies()


def without_retries() -> ClientDependencies:
    """Return dependencies without retries and without a second login after a refused token."""
    return ClientDependencies(logins=Logins(most_renewals=0), quotas=RetryQuotas(0))


def connect_link(
    settings: LinkSettings,
    *,
    deadline_s: float,
    workers: int,
    on_request: OnRequest | None = None,
    dependencies: ClientDependencies = _PROCESS,
) -> LinkClient:
    """Return a client of the Link API; nothing is sent before its first request."""
    sender = _sender(settings.url, workers, dependencies)
    policy = _retry_policy(settings.url, deadline_s, dependencies)
    executor = RequestExecutor(sender, policy, secrets=(settings.token,), on_request=on_request)
    return LinkClient(Transport(executor, StaticAuth(settings.token)), prefix_routes(settings.url, LINK_ROUTES))


def connect_conductor(
    settings: ConductorSettings,
    *,
    deadline_s: float,
    workers: int,
    on_request: OnRequest | None = None,
    dependencies: ClientDependencies = _PROCESS,
) -> ConductorClient:
    """Return a client of the Conductor API; it logs in at its first request."""
    table = override_routes(CONDUCTOR_ROUTES, settings.routes) if settings.routes else CONDUCTOR_ROUTES
    routes = prefix_routes(settings.url, table)
    sender = _sender(settings.url, workers, dependencies)
    policy = _retry_policy(settings.url, deadline_s, dependencies)
    executor = RequestExecutor(sender, policy, secrets=(settings.password,), on_request=on_request)
    auth = LoginAuth(settings, routes, executor, dependencies.logins.of(settings))
    return ConductorClient(Transport(executor, auth), routes)


def _retry_policy(url: str, deadline_s: float, dependencies: ClientDependencies) -> RetryPolicy:
    parts = urlsplit(url)
    limiter = dependencies.limiters.of(f"{parts.scheme}://{parts.netloc}")
    return RetryPolicy(dependencies.clock, dependencies.quotas.of(url), limiter, deadline_s)


def _sender(url: str, workers: int, dependencies: ClientDependencies) -> HttpSender:
    tls = TlsSettings.towards(url, os.environ)
    return HttpSender(url, tls, dependencies.new_session(workers), dependencies.timeouts)
