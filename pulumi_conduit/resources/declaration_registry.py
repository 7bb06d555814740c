"""The keys that `check` of this process has seen, and which of them have a successful owner.

The engine has no name for an object, only for a resource. So a rename reaches a provider as a create of what exists and
a delete of what is wanted. The registry separates it from a real delete: it holds the keys the program declares.

Where it cannot see: with `--target` and `--exclude` the engine checks only part of the program, and with
`delete_before_replace` it deletes before later resources are checked. There it asks what the program itself has logged
(decision 11), and a delete of what another resource declares is refused. `destroy` never checks, so there every delete
is real, as it should be, unless the program runs, too, and declares the object under another name.

A roster may be split into several stacks. What it assigns to another one is no more to be deleted than what this one
declares; that, too, is asked of the program (decision 12).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["CheckedGrant", "DeclarationRegistry", "InOtherStack", "Key", "Kind", "PlannedUsers", "Rosters"]


class Kind(str, Enum):
    """What a key names."""

    COMPANY = "company"
    USER = "user"
    GRANT = "grant"
    GRANT_LIST = "grant list"
    SHARD = "shard"


@dataclass(frozen=True)
class Key:
    """One object of one tenant, by its canonical id."""

    tenant: Tenant
    kind: Kind
    id: str

    def __post_init__(self) -> None:
        """Drop the identity: it owns no users. A company id is one per Link APP, an email one per base URL."""
        if self.kind is not Kind.COMPANY:
            object.__setattr__(self, "tenant", Tenant(self.tenant.url, ""))


@dataclass(frozen=True)
class InOtherStack:
    """Which other stack a roster assigns an object to, and the accounts of the person that it is about."""

    shard: str
    accounts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CheckedGrant:
    """One grant or list that this run has checked, with the resources that declare it."""

    urns: frozenset[str]
    is_list: bool
    accounts: frozenset[int]
    profile: str | None


class Rosters(Protocol):
    """What the running program's rosters assign to other stacks."""

    def other_stack(self, key: Key, urn: str) -> InOtherStack | None:
        """Return which other stack the rosters of a URN's stack assign a key to."""

    def is_known(self, urn: str) -> bool:
        """Say whether the roster of this shard has logged its assignment."""


@dataclass
class DeclarationRegistry:
    """The keys that the resources of one run declare, and which of them succeeded; safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _declared: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    _succeeded: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    _accounts: dict[Key, frozenset[int]] = field(default_factory=dict)
    _profiles: dict[Key, str | None] = field(default_factory=dict)
    _grants_of: dict[tuple[str, str], set[Key]] = field(default_factory=lambda: defaultdict(set))
    _user_by_urn: dict[str, Key] = field(default_factory=dict)
    _ask_program: Callable[[Key, str], Iterable[str]] = lambda _key, _urn: ()
    _ask_grants: Callable[[Key, str], Iterable[str]] = lambda _key, _urn: ()
    _ask_users: Callable[[Tenant, str], Iterable[str]] = lambda _tenant, _urn: ()
    _rosters: Rosters | None = None

    def ask_program(self, declarers: Callable[[Key, str], Iterable[str]]) -> None:
        """Ask here which resources the program declares a key with, in the stack of a URN."""
        self._ask_program = declarers

    def ask_grants(self, left_out: Callable[[Key, str], Iterable[str]]) -> None:
        """Ask here which grants of a user, declared in the stack of a URN, this run leaves out."""
        self._ask_grants = left_out

    def ask_users(self, users: Callable[[Tenant, str], Iterable[str]]) -> None:
        """Ask here which users of a tenant this run includes, of those declared in the stack of a URN."""
        self._ask_users = users

    def ask_rosters(self, rosters: Rosters) -> None:
        """Ask here what the program's rosters assign to other stacks."""
        self._rosters = rosters

    def declare(self, key: Key, urn: str, accounts: Iterable[int] = (), profile: str | None = None) -> str | None:
        """Record that a resource declares a key, with the accounts it names; return another resource that does, too.

        What it has achieved before counts no longer: it was about another declaration.
        """
        with self._lock:
            self._succeeded[key].discard(urn)
            self._declared[key].add(urn)
            self._accounts[key] = frozenset(accounts)
            self._profiles[key] = profile
            if key.kind is Kind.USER:
                self._user_by_urn[urn] = key
            if key.kind is Kind.GRANT:
                self._grants_of[key.tenant.url, key.id.rpartition(":")[0]].add(key)
            return min(self._declared[key] - {urn}, default=None)

    def succeed(self, key: Key, urn: str) -> None:
        """Record that the object of this key is as its resource declares it.

        Only a resource that this run has checked counts: a refresh compares, too, but with what was declared before.
        """
        with self._lock:
            if urn in self._declared.get(key, ()):
                self._succeeded[key].add(urn)

    def is_declared(self, key: Key) -> bool:
        """Say whether a resource of this run declares the key."""
        with self._lock:
            return key in self._declared

    def declarer(self, key: Key) -> str | None:
        """Return a resource of this run that declares the key, whether it has succeeded or not."""
        with self._lock:
            return min(self._declared.get(key, ()), default=None)

    def owner(self, key: Key, urn: str = "") -> str | None:
        """Return a resource of this run that declares the key and has succeeded, or else the one of this URN.

        A delete of what its own resource declares again is a replacement, whose creation may come later.
        """
        with self._lock:
            again = {urn} & self._declared.get(key, set())
            return min(self._succeeded.get(key) or again, default=None)

    def left_out(self, key: Key, urn: str) -> str | None:
        """Return another resource that the program declares the key with, and that this run has not checked.

        Of one that was checked, the check is newer. Without a URN, another resource looks like this one.
        """
        declarers = set(self._ask_program(key, urn)) - {urn} if urn else set()
        if not declarers:
            return None
        with self._lock:
            return min(declarers.difference(*self._declared.values()), default=None)

    def grants_left_out(self, user: Key, urn: str) -> list[str]:
        """Return the grants of a user that the program declares and that this run will not come to."""
        return list(self._ask_grants(user, urn)) if urn else []

    def users_to_check(self, tenant: Tenant, urn: str) -> list[str]:
        """Return the emails of a tenant's users that the program declares and this run has not checked yet."""
        found = list(self._ask_users(tenant, urn))
        with self._lock:
            return [one for one in found if Key(tenant, Kind.USER, one) not in self._declared]

    def other_stack(self, key: Key, urn: str) -> InOtherStack | None:
        """Return which other stack has the object of a key, where a roster is split into several."""
        return self._rosters.other_stack(key, urn) if self._rosters else None

    def knows_roster(self, urn: str) -> bool:
        """Say whether the roster that a shard belongs to has logged what it assigns to other stacks."""
        return self._rosters is not None and self._rosters.is_known(urn)

    def declarers(self) -> set[str]:
        """Return every resource that this run has checked."""
        with self._lock:
            return set().union(*self._declared.values())

    def user_declared_by(self, urn: str) -> Key | None:
        """Return the user that a resource of this run declares."""
        with self._lock:
            return self._user_by_urn.get(urn)

    def accounts(self, key: Key) -> frozenset[int] | None:
        """Return the accounts declared under a key, or None when nothing declares it."""
        with self._lock:
            return self._accounts.get(key)

    def declared_accounts(self, tenant: Tenant, email: str) -> frozenset[int]:
        """Return every account that grants of either kind declare for a user so far."""
        with self._lock:
            return frozenset().union(
                *(accounts for key, accounts in self._accounts.items() if _grants(key, tenant, email))
            )

    def checked_grants(self, tenant: Tenant, email: str) -> list[CheckedGrant]:
        """Return the grants of either kind that are declared for a user so far."""
        with self._lock:
            keys = [*self._grants_of.get((tenant.url, email), ()), Key(tenant, Kind.GRANT_LIST, email)]
            return [
                CheckedGrant(
                    frozenset(self._declared[key]),
                    key.kind is Kind.GRANT_LIST,
                    self._accounts[key],
                    self._profiles[key],
                )
                for key in keys
                if key in self._accounts
            ]

    def awaited_accounts(self, tenant: Tenant, email: str) -> frozenset[int]:
        """Return the accounts of single grants for a user that are declared so far and have not succeeded yet."""
        with self._lock:
            keys = self._grants_of.get((tenant.url, email), ())
            return frozenset().union(*(self._accounts[key] for key in keys if not self._succeeded.get(key)))

    def has_single_grants(self, tenant: Tenant, email: str) -> bool:
        """Say whether single grants for a user are declared so far."""
        with self._lock:
            return any(key.kind is Kind.GRANT and _grants(key, tenant, email) for key in self._declared)


def _grants(key: Key, tenant: Tenant, email: str) -> bool:
    if key.tenant.url != tenant.url:
        return False
    if key.kind is Kind.GRANT_LIST:
        return key.id == email
    return key.kind is Kind.GRANT and key.id.rpartition(":")[0] == email


class PlannedUsers:
    """What one process knows of its users: recorded, planned and resulting states; safe for all threads."""

    def __init__(self) -> None:
        """Begin without a user."""
        self._lock = threading.Lock()
        self._recorded: dict[Key, ConductorUserState] = {}
        self._results: dict[Key, ConductorUserState] = {}
        self._reactivated: set[Key] = set()
        self._new: set[Key] = set()
        self._deactivated: set[Key] = set()

    def record_state(self, key: Key, state: ConductorUserState) -> None:
        """Keep the state that `diff` was shown for a user."""
        with self._lock:
            self._recorded[key] = state

    def record_result(self, key: Key, state: ConductorUserState) -> None:
        """Keep the state that a create or an update has led to."""
        with self._lock:
            self._results[key] = state

    def record_inactive_before(self, key: Key) -> None:
        """Record that INACTIVE was applied to a user, and that this run declares it ACTIVE."""
        with self._lock:
            self._reactivated.add(key)

    def recorded(self, key: Key) -> ConductorUserState | None:
        """Return the state that `diff` was shown for a user."""
        with self._lock:
            return self._recorded.get(key)

    def latest(self, key: Key) -> ConductorUserState | None:
        """Return the newest state of the resource that declares a user."""
        with self._lock:
            return self._results.get(key) or self._recorded.get(key)

    def was_inactive_before(self, key: Key) -> bool:
        """Say whether this run has set a user ACTIVE because its program did."""
        with self._lock:
            return key in self._reactivated

    def record_deactivated(self, key: Key) -> None:
        """Record that this run has deactivated a user."""
        with self._lock:
            self._deactivated.add(key)

    def was_deactivated(self, key: Key) -> bool:
        """Say whether this run has deactivated a user, so that no other actor has."""
        with self._lock:
            return key in self._deactivated

    def record_new(self, key: Key, *, is_new: bool) -> None:
        """Record whether a user is to be created, as far as that is known before."""
        with self._lock:
            (self._new.add if is_new else self._new.discard)(key)

    def is_new(self, key: Key) -> bool:
        """Say whether this run creates a user."""
        with self._lock:
            return key in self._new
