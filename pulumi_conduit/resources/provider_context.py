"""One provider process: its settings, a session per API and profile, and what else all resources of the process share.

A session has its tenant, and loads its client, and with it what speaks HTTP, at its first request: a run that changes
nothing sends none, and starts as fast as if it could not.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_conduit.api.deadline import hold_lock, remaining_s
from pulumi_conduit.resources.batching import Batch
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key, Kind, PlannedUsers
from pulumi_conduit.resources.declared_access import LoggedAccess
from pulumi_conduit.resources.limits import Limits, MissingGate
from pulumi_conduit.resources.tenant import Tenant, conductor_tenant, link_tenant
from pulumi_conduit.resources.user_writes import UserWrites

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.executor import OnRequest
    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.declared_access import DeclarationLog
    from pulumi_conduit.resources.user_cache import UserCache
    from pulumi_conduit.settings import ConductorSettings, LinkSettings, Settings

__all__ = ["DEFAULT_WORKERS", "ConductorSession", "LinkSession", "ProviderContext", "Sessions"]

T = TypeVar("T")


class _Once(Generic[T]):
    """A value that is made at its first use, once for all threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


@dataclass(frozen=True)
class LinkSession:
    """One Link APP, by its token."""

    tenant: Tenant
    opened: Callable[[], LinkClient]

    @property
    def client(self) -> LinkClient:
        """Return the client."""
        return self.opened()


@dataclass(frozen=True)
class ConductorSession:
    """One Conductor identity."""

    tenant: Tenant
    opened: Callable[[], UserCache]
    writes: UserWrites
    address: str | None = None
    """The spelling of the user's address that the state of this operation has; None where there is no state."""

    @property
    def client(self) -> ConductorClient:
        """Return the client, which logs in before its first request."""
        return self.opened().client

    @property
    def cache(self) -> UserCache:
        """Return what this process knows of the identity's users and accounts."""
        return self.opened()

    def user_key(self, email: str) -> Key:
        """Return the key of a user."""
        return Key(self.tenant, Kind.USER, email)


class Sessions:
    """The sessions of one process, by profile; safe for all its threads."""

    def __init__(self, settings: Settings, on_request: OnRequest | None = None) -> None:
        """Open nothing yet; `on_request` is called with every request."""
        self._settings = settings
        self._on_request = on_request
        self._lock = threading.RLock()
        self._links: dict[str | None, LinkSession] = {}
        self._conductors: dict[str | None, ConductorSession] = {}
        self._by_tenant: dict[Tenant, ConductorSession] = {}
        self._writes: dict[str, UserWrites] = defaultdict(UserWrites)

    def link(self, profile: str | None) -> LinkSession:
        """Return the session of a profile's Link APP; SettingsError names the missing setting."""
        with self._lock:
            if profile not in self._links:
                settings = self._settings.link(profile)
                tenant = link_tenant(settings.url, settings.token.reveal())
                self._links[profile] = LinkSession(tenant, _Once(lambda: self._link_client(settings, profile)))
            return self._links[profile]

    def conductor(self, profile: str | None) -> ConductorSession:
        """Return the session of a profile's identity; profiles that name one tenant share it."""
        with self._lock:
            if profile not in self._conductors:
                settings = self._settings.conductor(profile)
                tenant = conductor_tenant(settings.url, settings.username)
                writes = self._writes[tenant.url]
                session = ConductorSession(tenant, _Once(lambda: self._user_cache(settings, profile, writes)), writes)
                self._conductors[profile] = self._by_tenant.setdefault(tenant, session)
            return self._conductors[profile]

    def link_tenant(self, profile: str | None) -> Tenant:
        """Return the tenant of a profile's companies; without credentials, a stand-in that equals no real tenant."""
        return self.link(profile).tenant if self._settings.has_link(profile) else _unknown_tenant(profile)

    def conductor_tenant(self, profile: str | None) -> Tenant:
        """Return the tenant of a profile's users; without credentials, a stand-in that equals no real tenant."""
        return self.conductor(profile).tenant if self._settings.has_conductor(profile) else _unknown_tenant(profile)

    def conductor_url(self, profile: str | None) -> str | None:
        """Return the base URL of a profile; None for the default profile, and for one without settings here."""
        is_configured = profile is not None and self._settings.has_conductor(profile)
        return self.conductor_tenant(profile).url if is_configured else None

    def knows_conductor(self, url: str) -> bool:
        """Say whether settings that this run has used name a base URL."""
        with self._lock:
            return any(tenant.url == url for tenant in self._by_tenant)

    def _link_client(self, settings: LinkSettings, profile: str | None) -> LinkClient:
        from pulumi_conduit.api.factory import connect_link  # noqa: PLC0415 - see the module

        return connect_link(settings, **self._options(profile))

    def _user_cache(self, settings: ConductorSettings, profile: str | None, writes: UserWrites) -> UserCache:
        from pulumi_conduit.api.factory import connect_conductor  # noqa: PLC0415 - see the module
        from pulumi_conduit.resources.user_cache import UserCache  # noqa: PLC0415 - likewise

        return UserCache(connect_conductor(settings, **self._options(profile)), writes)

    def _options(self, profile: str | None) -> dict[str, Any]:
        deadline_s, workers = self._settings.deadline_s(profile), self._settings.workers()
        return {"deadline_s": deadline_s, "workers": workers, "on_request": self._on_request}


def _unknown_tenant(profile: str | None) -> Tenant:
    return Tenant(f"?{profile or ''}", "")


DEFAULT_WORKERS = 4
"""How many calls the SDK's provider server serves at once, unless the pool is enlarged."""


class UserLocks:
    """One lock for each user: its accounts are read and then written by one operation at a time.

    A user is reactivated in several requests; a grant that was added between them would be removed as a leftover.
    """

    def __init__(self) -> None:
        """Begin without a lock."""
        self._lock = threading.Lock()
        self._by_user: dict[Key, threading.Lock] = defaultdict(threading.Lock)

    def lock(self, user: Key) -> AbstractContextManager[None]:
        """Return a context that holds the lock of a user; waiting for it ends with the operation's deadline."""
        with self._lock:
            return hold_lock(self._by_user[user], f"another operation of this run was at work on user {user.id}")


class Batches:
    """The batches of one process: operations that want the same for one user share one."""

    def __init__(self) -> None:
        """Begin without a batch."""
        self._lock = threading.Lock()
        self._batches: dict[tuple[str, str | None, str], Batch[Any]] = defaultdict(Batch)

    def get(self, aim: str, profile: str | None, email: str) -> Batch[Any]:
        """Return the batch of what has one aim for one user under one profile."""
        with self._lock:
            return self._batches[aim, profile, email]


class FirstTimes:
    """The texts that were asked about in one process, so that each warning is logged once."""

    def __init__(self) -> None:
        """Begin without a text."""
        self._lock = threading.Lock()
        self._texts: set[str] = set()

    def is_first(self, text: str) -> bool:
        """Say whether this is the first time that a text is asked about."""
        with self._lock:
            is_new = text not in self._texts
            self._texts.add(text)
            return is_new


class ProviderContext:
    """What one provider process knows; safe for all its threads."""

    def __init__(
        self, settings: Settings, on_request: OnRequest | None = None, *, workers: int = DEFAULT_WORKERS
    ) -> None:
        """Open no session yet; `workers` is how many calls of the engine the process serves at once."""
        self.settings = settings
        self.workers = workers
        self.sessions = Sessions(settings, on_request)
        self.limits = Limits(settings)
        self.user_locks = UserLocks()
        self.batches = Batches()
        self.first_times = FirstTimes()
        self.registry = DeclarationRegistry()
        self.gate = MissingGate()
        self.planned_users = PlannedUsers()
        """The states and results of the users that this run declares."""
        self.planned_companies: dict[Key, CompanyState] = {}
        """The newest states of the companies that this run declares."""
        self.declaration_log: DeclarationLog = _EmptyLog()
        """What the running program has logged of its grants, where the log can be read."""
        self.checked: set[str] = set()
        """The URNs of the resources that this run has checked."""
        self.unreachable_profiles: set[str | None] = set()
        """The profiles whose tenants could not be reached: they are not tried again."""
        self.reset_grants: dict[Key, frozenset[int]] = {}
        """The accounts that this run reactivated users with; a grant that was not known then is still to be added."""
        self.sleep: Callable[[float], None] = _sleep


class _EmptyLog:
    """The log of a program that has none."""

    def access_of(self, _user: Key, _urn: str) -> LoggedAccess:
        return LoggedAccess()


def _sleep(seconds: float) -> None:
    """Wait, but no longer than the operation lasts: the next request fails with its deadline."""
    left_s = remaining_s()
    time.sleep(seconds if left_s is None else max(0.0, min(seconds, left_s)))
