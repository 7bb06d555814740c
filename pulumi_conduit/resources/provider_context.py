"""One provider process: its settings, its registry, its limits, and one session per API and profile.

Everything that is counted "per process" lives here. A session has its client, and loads what speaks HTTP, when that is
first asked for: a run that changes nothing calls nobody, and starts as fast as if it could not.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_conduit.api.deadline import hold_lock, remaining_s
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.batching import Batch
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key
from pulumi_conduit.resources.declared_access import LoggedAccess, PlannedUsers
from pulumi_conduit.resources.missing import MissingGate
from pulumi_conduit.resources.tenant import Tenant, conductor_tenant, link_tenant
from pulumi_conduit.resources.user_writes import UserWrites

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.executor import OnRequest
    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.resources.declared_access import DeclarationLog
    from pulumi_conduit.resources.user_cache import UserCache
    from pulumi_conduit.settings import ConductorSettings, LinkSettings, Settings

__all__ = ["DEFAULT_WORKERS", "ConductorSession", "LinkSession", "ProviderContext"]

DEFAULT_WORKERS = 4
"""How many calls the SDK's provider server serves at once, unless the pool is enlarged."""


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
        """Return the client, which logs in when it is first asked for something."""
        return self.opened().client

    @property
    def cache(self) -> UserCache:
        """Return what this process knows of the identity's users and accounts."""
        return self.opened()


class ProviderContext:
    """What one provider process knows; safe for all its threads."""

    def __init__(
        self, settings: Settings, on_request: OnRequest | None = None, *, seats: int = DEFAULT_WORKERS
    ) -> None:
        """Open nothing yet; `seats` is how many calls the process serves at once."""
        self.settings = settings
        self.registry = DeclarationRegistry()
        self.gate = MissingGate()
        self.unreachable_profiles: set[str | None] = set()
        """The profiles whose look at the live systems has failed for want of network: do not try again."""
        self.notes: DeclarationLog = _NoNotes()
        """What the program has noted of its grants, where it can be heard."""
        self.reset_grants: dict[Key, frozenset[int]] = {}
        """The accounts that this run reactivated users with; a grant that was not known then is still to be given."""
        self.people = PlannedUsers()
        """What states and results say of the users that this run declares."""
        self.sleep: Callable[[float], None] = _nap
        self.seats = seats
        self._on_request = on_request
        self._lock = threading.RLock()
        self._links: dict[str | None, LinkSession] = {}
        self._conductors: dict[str | None, ConductorSession] = {}
        self._by_tenant: dict[Tenant, ConductorSession] = {}
        self._writes: dict[str, UserWrites] = defaultdict(UserWrites)
        self._spent: dict[tuple[str, str | None], int] = {}
        self._turns: dict[Key, threading.Lock] = defaultdict(threading.Lock)
        self._gatherings: dict[tuple[str, str | None, str], Batch[Any]] = defaultdict(Batch)
        self._said: set[str] = set()

    def link(self, profile: str | None) -> LinkSession:
        """Return the session of a profile's Link APP; SettingsError says what is missing."""
        with self._lock:
            if profile not in self._links:
                settings = self.settings.link(profile)
                tenant = link_tenant(settings.url, settings.token.reveal())
                self._links[profile] = LinkSession(tenant, _Once(lambda: self._link_client(settings, profile)))
            return self._links[profile]

    def conductor(self, profile: str | None) -> ConductorSession:
        """Return the session of a profile's identity; profiles that name one tenant share it."""
        with self._lock:
            if profile not in self._conductors:
                settings = self.settings.conductor(profile)
                tenant = conductor_tenant(settings.url, settings.username)
                writes = self._writes[tenant.url]
                session = ConductorSession(tenant, _Once(lambda: self._live_view(settings, profile, writes)), writes)
                self._conductors[profile] = self._by_tenant.setdefault(tenant, session)
            return self._conductors[profile]

    def link_tenant(self, profile: str | None) -> Tenant:
        """Return the tenant of a profile's companies; without credentials, a stand-in that equals no real tenant."""
        return self.link(profile).tenant if self.settings.has_link(profile) else _nowhere(profile)

    def conductor_tenant(self, profile: str | None) -> Tenant:
        """Return the tenant of a profile's users; without credentials, a stand-in that equals no real tenant."""
        return self.conductor(profile).tenant if self.settings.has_conductor(profile) else _nowhere(profile)

    def knows_conductor(self, url: str) -> bool:
        """Say whether settings that this run has used name a base URL."""
        with self._lock:
            return any(tenant.url == url for tenant in self._by_tenant)

    def spend(
        self,
        what: str,
        profile: str | None,
        limit_of: Callable[[str | None], int | None],
        variable: str,
        *,
        steps: int = 1,
    ) -> None:
        """Count irreversible steps against the limit of the process and of the profile; refuse all that exceed one."""
        with self._lock:
            for scope in {None, profile}:
                limit, spent = limit_of(scope), self._spent.get((variable, scope), 0)
                if limit is not None and spent + steps > limit:
                    raise RefusedError(
                        f"{what}: refused, for {variable} allows {limit} in one run and {spent} are done;"
                        " look at the plan, then raise the limit for this run"
                    )
            for scope in {None, profile}:
                self._spent[variable, scope] = self._spent.get((variable, scope), 0) + steps

    def turn(self, user: Key) -> AbstractContextManager[None]:
        """Return the lock under which a user's accounts are looked at and then written, for as long as time is left.

        A person is brought back in several calls; a grant that came between them would be taken for a leftover.
        """
        with self._lock:
            return hold_lock(self._turns[user], f"another operation of this run was at work on user {user.id}")

    def batch(self, aim: str, profile: str | None, email: str) -> Batch[Any]:
        """Return where those meet that want the same of one user."""
        with self._lock:
            return self._gatherings[aim, profile, email]

    def is_first(self, saying: str) -> bool:
        """Say whether this has not been said in this process."""
        with self._lock:
            is_new = saying not in self._said
            self._said.add(saying)
            return is_new

    def _link_client(self, settings: LinkSettings, profile: str | None) -> LinkClient:
        from pulumi_conduit.api.factory import connect_link  # noqa: PLC0415 - see the module

        return connect_link(settings, **self._way(profile))

    def _live_view(self, settings: ConductorSettings, profile: str | None, writes: UserWrites) -> UserCache:
        from pulumi_conduit.api.factory import connect_conductor  # noqa: PLC0415 - see the module
        from pulumi_conduit.resources.user_cache import UserCache  # noqa: PLC0415 - likewise

        return UserCache(connect_conductor(settings, **self._way(profile)), writes)

    def _way(self, profile: str | None) -> dict[str, Any]:
        deadline_s, workers = self.settings.deadline_s(profile), self.settings.workers()
        return {"deadline_s": deadline_s, "workers": workers, "on_request": self._on_request}


class _NoNotes:
    """Stands in for the notes of a program that cannot be heard."""

    def access_of(self, _user: Key, _urn: str) -> LoggedAccess:
        return LoggedAccess()


def _nowhere(profile: str | None) -> Tenant:
    return Tenant(f"?{profile or ''}", "")


def _nap(seconds: float) -> None:
    """Wait, but no longer than the operation lasts: whoever asks next is told that its time is over."""
    left_s = remaining_s()
    time.sleep(seconds if left_s is None else max(0.0, min(seconds, left_s)))
