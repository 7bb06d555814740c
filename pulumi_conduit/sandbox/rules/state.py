"""All the state there is, behind one lock; knows which tables exist, and no rule about what may be in them."""

from __future__ import annotations

import functools
import json
import threading
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from pulumi_conduit.sandbox.rules.clock import Clock
from pulumi_conduit.sandbox.rules.lag import Lag, ListLag
from pulumi_conduit.sandbox.rules.records import Account, Company, Identity, LinkApp, Session, User, decode, encode
from pulumi_conduit.sandbox.switches import Switches, as_json, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_conduit.sandbox.store import Store

__all__ = ["InWorld", "Table", "World", "serialised"]

Row = TypeVar("Row")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
OnWrite: TypeAlias = "Callable[[object | None, object | None], None]"
"""Is told each row as it was and as it is now."""


class Table(Generic[Row]):
    """The rows of one kind by key, written through to the store."""

    def __init__(self, kind: type[Row], store: Store, on_write: OnWrite) -> None:
        """Take up what the store has of this kind, and tell of every write."""
        self._kind = kind.__name__
        self._store = store
        self._on_write = on_write
        self._rows = {key: decode(kind, body) for key, body in store.load(self._kind).items()}

    def __contains__(self, key: str) -> bool:
        """Say whether there is a row with this key."""
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


class World:
    """The tables, the switches and the clock; whoever touches them holds `lock`."""

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
        """How open questions are answered; kept with the state, since they are part of what the next start meets."""
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
        """Let go of the store."""
        self._store.close()

    def _wrote(self, before: object | None, after: object | None) -> None:
        if self.on_write:
            self.on_write(before, after)


class InWorld(Protocol):
    """Something that works on a world."""

    _world: World


Self = TypeVar("Self", bound=InWorld)


def serialised(
    method: Callable[Concatenate[Self, Parameters], Result],
) -> Callable[Concatenate[Self, Parameters], Result]:
    """Let one caller at a time into the world: each request is one step."""

    @functools.wraps(method)
    def alone(self: Self, /, *arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        with self._world.lock:
            return method(self, *arguments, **named)

    return alone
