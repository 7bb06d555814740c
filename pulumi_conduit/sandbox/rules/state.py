"""The whole state, behind one lock: records, the clock, and delayed reads; and what a new sandbox holds.

That is two Link APPs and two identities, so that the provider can be tried at once.
"""

from __future__ import annotations

import functools
import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from pulumi_conduit.sandbox.rules.words import ADMIN
from pulumi_conduit.sandbox.switches import Switches, as_json, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_conduit.sandbox.store import Store

__all__ = [
    "DEFAULT_APP",
    "DEFAULT_IDENTITY",
    "Account",
    "Clock",
    "Company",
    "Identity",
    "LinkApp",
    "Session",
    "State",
    "User",
    "locked",
    "seed",
]


class Clock:
    """The time of day plus what was added to it."""

    def __init__(self) -> None:
        """Start at the time of day."""
        self._ahead_s = 0.0

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Advance the time."""
        self._ahead_s += seconds

    def stamp(self) -> str:
        """Return the time in ISO 8601, with microseconds: a company removed and created again must differ in it."""
        return (
            datetime.fromtimestamp(self.now(), timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
        )


Record = TypeVar("Record")


@dataclass(frozen=True)
class Account:
    """A set of data in Conductor that users can be granted."""

    account_id: int
    name: str
    creation_date: str


@dataclass(frozen=True)
class Identity:
    """An application identity: its credentials, and the accounts that it owns."""

    username: str
    password: str = field(repr=False)
    accounts: tuple[int, ...]


@dataclass(frozen=True)
class User:
    """A person in Conductor with the accounts granted to it, in ascending order."""

    email: str
    first_name: str
    last_name: str
    type: str
    view: str
    sso_access: bool
    status: str
    accounts: tuple[int, ...]
    former_accounts: tuple[int, ...] = ()
    """Held before a deactivation that took the grants: the list still returns such a user, and so must know whose."""


@dataclass(frozen=True)
class LinkApp:
    """A Link APP: a token and, by its name, a namespace of companies."""

    name: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Company:
    """A sub-client of one Link APP; `company_id` is spelled as it was created."""

    app: str
    company_id: str
    name: str | None
    page_enabled: bool
    created_at: str
    page_url: str


@dataclass(frozen=True)
class Session:
    """A successful login; `expires_at` is in seconds since the epoch."""

    access_token: str = field(repr=False)
    username: str
    expires_at: float


def encode(record: Any) -> str:
    """Return a record as JSON text."""
    return json.dumps(asdict(record))


def decode(kind: type[Record], text: str) -> Record:
    """Return the record that `encode` made into this text."""
    return kind(**{name: _as_stored(value) for name, value in json.loads(text).items()})


def _as_stored(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_MOST_WRITES = 32
Value = TypeVar("Value")


class Lag(Generic[Value]):
    """Old values by key, and the number of reads that still return each."""

    def __init__(self) -> None:
        """Start with nothing late."""
        self._late: dict[str, tuple[Value | None, int]] = {}

    def wrote(self, key: str, before: Value | None, reads: int) -> None:
        """Return `before` for the next `reads` reads."""
        if reads:
            seen, _ = self._late.get(key, (before, 0))
            self._late[key] = (seen, reads)

    def read(self, key: str, current: Value | None) -> Value | None:
        """Return what a reader sees now, and count this as one read."""
        if key not in self._late:
            return current
        value, left = self._late.pop(key)
        if left > 1:
            self._late[key] = (value, left - 1)
        return value

    def forget(self, key: str) -> None:
        """Return the current value from now on, after a direct edit."""
        self._late.pop(key, None)

    def clear(self) -> None:
        """Show every current value at once."""
        self._late.clear()


class ListLag(Generic[Value]):
    """What each object was before its latest writes, for a list that lags behind reads of one object."""

    def __init__(self) -> None:
        """Start without a write."""
        self._writes: dict[str, list[tuple[float, Value | None]]] = {}

    def wrote(self, key: str, before: Value | None, now_s: float) -> None:
        """Keep what was there before a write, of the latest writes only."""
        self._writes[key] = [*self._writes.get(key, ()), (now_s, before)][-_MOST_WRITES:]

    def listed(self, key: str, current: Value | None, writes: int, since_s: float) -> Value | None:
        """Return what was there before the last so many writes, and before all that were made after a time."""
        made = self._writes.get(key, [])
        hidden = min(len(made), max(writes, sum(at_s > since_s for at_s, _ in made)))
        return made[-hidden][1] if hidden else current

    def forget(self, key: str) -> None:
        """List the current value: an edit from outside is old news."""
        self._writes.pop(key, None)

    def clear(self) -> None:
        """List every current value."""
        self._writes.clear()


Row = TypeVar("Row")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
OnWrite: TypeAlias = "Callable[[object | None, object | None], None]"
"""Called with each row before and after a write."""


class Table(Generic[Row]):
    """The rows of one kind by key, written through to the store."""

    def __init__(self, kind: type[Row], store: Store, on_write: OnWrite) -> None:
        """Load this kind from the store, and report every write to `on_write`."""
        self._kind = kind.__name__
        self._store = store
        self._on_write = on_write
        self._rows = {key: decode(kind, body) for key, body in store.load(self._kind).items()}

    def __contains__(self, key: str) -> bool:
        """Return whether there is a row with this key."""
        return key in self._rows

    def __iter__(self) -> Iterator[Row]:
        """Iterate over a copy, so that a loop may change rows."""
        return iter(list(self._rows.values()))

    def get(self, key: str) -> Row | None:
        """Return a row, or None."""
        return self._rows.get(key)

    def put(self, key: str, row: Row) -> None:
        """Write a row, new or not."""
        before = self._rows.get(key)
        self._rows[key] = row
        self._store.save(self._kind, key, encode(row))
        self._on_write(before, row)

    def remove(self, key: str) -> None:
        """Remove a row, if it is there."""
        before = self._rows.pop(key, None)
        self._store.remove(self._kind, key)
        self._on_write(before, None)

    def clear(self) -> None:
        """Remove every row."""
        for key in list(self._rows):
            self.remove(key)


class State:
    """The tables, the switches and the clock; callers hold `lock`."""

    def __init__(self, store: Store) -> None:
        """Take up what the store has."""
        self.lock = threading.RLock()
        self.clock = Clock()
        self.on_write: OnWrite | None = None
        self.accounts = Table(Account, store, self._wrote)
        self.identities = Table(Identity, store, self._wrote)
        self.sessions = Table(Session, store, self._wrote)
        self.users = Table(User, store, self._wrote)
        self.apps = Table(LinkApp, store, self._wrote)
        self.companies = Table(Company, store, self._wrote)
        self.late_users: Lag[User] = Lag()
        self.late_companies: Lag[Company] = Lag()
        self.late_lists: ListLag[User] = ListLag()
        self._store = store
        self._switches = changed(Switches(), json.loads(store.load("Switches").get("", "{}")))

    @property
    def switches(self) -> Switches:
        """The switches; stored with the state, so that a restart keeps them."""
        return self._switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self.lock:
            before, self._switches = self._switches, switches
            self._store.save("Switches", "", json.dumps(as_json(switches)))
            self._wrote(before, switches)

    def clear(self) -> None:
        """Remove every row of every table, and make every read current."""
        tables: tuple[Table[Any], ...] = (
            *(self.accounts, self.identities, self.sessions),
            *(self.users, self.apps, self.companies),
        )
        for table in tables:
            table.clear()
        self.late_users.clear()
        self.late_companies.clear()
        self.late_lists.clear()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _wrote(self, before: object | None, after: object | None) -> None:
        if self.on_write:
            self.on_write(before, after)


class HoldsState(Protocol):
    """Something that works on the state."""

    _world: State


Self = TypeVar("Self", bound=HoldsState)


def locked(
    method: Callable[Concatenate[Self, Parameters], Result],
) -> Callable[Concatenate[Self, Parameters], Result]:
    """Serialize callers: each request is atomic."""

    @functools.wraps(method)
    def alone(self: Self, /, *arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        with self._world.lock:
            return method(self, *arguments, **named)

    return alone


DEFAULT_APP = "default"
DEFAULT_IDENTITY = "admin@sandbox.example"

_ACCOUNTS = {
    1: "Retail",
    2: "Travel",
    3: "Finance",
    4: "Health",
    5: "Media",
    6: "Energy",
    7: "Food",
    8: "Sports",
    9: "Education",
    10: "Insurance",
    99: "Somebody else's",
}
_IDENTITIES = {DEFAULT_IDENTITY: tuple(range(1, 11)), "other@sandbox.example": (99,)}
_APPS = (DEFAULT_APP, "b")


def seed(world: State) -> None:
    """Replace everything by the seed; credentials stay, because they may have been exported."""
    with world.lock:
        passwords = {identity.username: identity.password for identity in world.identities}
        tokens = {app.name: app.token for app in world.apps}
        world.clear()
        for account_id, name in _ACCOUNTS.items():
            world.accounts.put(str(account_id), Account(account_id, name, world.clock.stamp()))
        for username, accounts in _IDENTITIES.items():
            _put_identity(world, Identity(username, passwords.get(username) or secrets.token_urlsafe(18), accounts))
        for name in _APPS:
            world.apps.put(name, LinkApp(name, tokens.get(name) or secrets.token_urlsafe(24)))


def _put_identity(world: State, identity: Identity) -> None:
    # An identity belongs to an ADMIN user, and the list of users includes it.
    world.identities.put(identity.username, identity)
    admin = User(identity.username, "Ada", "Admin", ADMIN, "COMPLETE", False, "ACTIVE", identity.accounts)  # noqa: FBT003 - the record's order
    world.users.put(admin.email, admin)
