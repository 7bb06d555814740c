"""What one Conductor identity sees, read at most once per process and kept current over our own writes.

One list serves every user and grant. It is not kept when it failed, it proves no absence (lists may be short or late,
so a miss is followed by a GET of the one user), and it does not suffice before a removal or a reactivation.

    method          requests                                   use it
    from_cache      none                                       where no request may be made
    from_list       the list, once per process                 in a plan, which must not GET every user
    fetch_once      the user's GET, once per process           in a read that the list does not settle
    fetch_unlisted  the same, and GETs of others ahead         in a check, of which the engine has one at a time
    find            the list; where that lacks the user, or    in a read: None is proven by both
                    is older than a write to it, `fetch_once`
    fetch           the user's GET, every time                 before a removal, a reactivation or an adoption
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pulumi_conduit.api.deadline import hold_lock
from pulumi_conduit.api.records import UnreadableUser, UserRecord
from pulumi_conduit.errors import NotFoundError, RefusedError, UnexpectedResponseError, escaped
from pulumi_conduit.resources.fields import canonical_email
from pulumi_conduit.resources.read_ahead import ReadAhead
from pulumi_conduit.resources.user_writes import WRITE, UserWrites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.records import AccountRecord

__all__ = ["UserCache"]


_MOST_NAMED = 10


class _Read(NamedTuple):
    """A user from its own GET, or None, as of so many writes to it."""

    record: UserRecord | None
    at: int


class UserCache:
    """The users and accounts of one identity; safe for all threads of a process."""

    def __init__(self, client: ConductorClient, writes: UserWrites | None = None) -> None:
        """Read nothing yet; `writes` are those of every identity at this base URL."""
        self.client = client
        self._writes = writes or UserWrites()
        self._lock = threading.RLock()
        self._list_lock = threading.Lock()
        self._fetch_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._fetched: set[str] = set()
        self._ahead = ReadAhead(self._read)
        self._accounts_lock = threading.Lock()
        self._listed: dict[str, UserRecord | UnreadableUser] | None = None
        self._known: dict[str, UserRecord] = {}
        self._ambiguous: set[str] = set()
        self._doubted: set[str] = set()
        self._accounts: dict[int, AccountRecord] | None = None
        self._own_additions: dict[str, set[int]] = {}
        self._seen_at: dict[str, int] = {}
        self._accounts_at: dict[str, int] = {}
        self._listed_at: Mapping[str, int] = {}

    def accounts(self) -> Mapping[int, AccountRecord]:
        """Return the accounts that this identity owns, by account id."""
        with hold_lock(self._accounts_lock, "another operation of this run read the list of accounts"):
            if self._accounts is None:
                self._accounts = {account.account_id: account for account in self.client.list_accounts()}
            return self._accounts

    def users(self) -> Mapping[str, UserRecord]:
        """Return the listed users, by canonical email; one that cannot be read makes the whole list an error."""
        return {email: _readable(record) for email, record in self._list().items()}

    def listing(self) -> Mapping[str, UserRecord | UnreadableUser]:
        """Return the list as it is, by canonical email: a user that cannot be read is in it, with the reason."""
        return self._list()

    def not_owned(self, argument: str, account_id: int) -> str:
        """Return the reason against an account that the identity does not own, with what it owns."""
        owned = sorted(self.accounts())
        more = ", …" if len(owned) > _MOST_NAMED else ""
        named = f"it owns {self.names(owned[:_MOST_NAMED])}{more}" if owned else "it owns none"
        return (
            f"{argument}: account {account_id} is not one that this identity owns; {named} (`pulumi-conduit accounts`"
            " lists all)"
        )

    def names(self, account_ids: Iterable[int]) -> str:
        """Return accounts for a person to read: by name where this identity owns them, and by id."""
        owned = self.accounts()
        return ", ".join(
            f"'{escaped(owned[one].name, 80)}' ({one})" if one in owned else str(one) for one in sorted(account_ids)
        )

    def find(self, email: str, address: str | None = None) -> UserRecord | None:
        """Return a user from the list, or, where that lacks it or is outdated, from `fetch_once`; None if both lack it.

        A list is outdated that is from before a write to the user, or has another spelling than `address`.
        """
        self._list()
        known = self.from_cache(email)
        newer = self.fetch_once(email, address) if self._is_outdated(email, address) else None
        return newer or known or self.fetch_once(email, address) or self._absent()

    def from_list(self, email: str) -> UserRecord | None:
        """Return a user from the list and our own writes, without a GET of its own."""
        self._list()
        return self.from_cache(email) or self._absent()

    def from_cache(self, email: str) -> UserRecord | None:
        """Return a user from earlier responses of this process, without any request."""
        with self._lock:
            if email in self._ambiguous:
                raise RefusedError(
                    f"user {email}: the API lists two users that differ in case only; have one of them removed first"
                )
            record = self._known.get(email) or (self._listed or {}).get(email)
        return None if record is None else _readable(record)

    def fetch(self, email: str, address: str | None = None) -> UserRecord | None:
        """Return a user from its own GET, made now, every time; None when that is 404 under every spelling of the list.

        `address` is the spelling that a state has recorded: a user under another one is another user.
        """
        return self._keep(self._read(email, address))

    def fetch_once(self, email: str, address: str | None = None) -> UserRecord | None:
        """Return a user from its own GET, made once in this process and shared by all reads; None when that is 404."""
        with self._fetching(email):
            if email not in self._fetched or self._is_outdated(email, address):
                record = self.fetch(email, address)
                self._fetched.add(email)
                return record
            return self._known.get(email)

    def fetch_unlisted(self, email: str, others: Callable[[], Iterable[str]], at_once: int) -> UserRecord | None:
        """Return a user as `fetch_once` does; where that succeeds, begin to read others that the list lacks.

        `others` returns the emails that may be asked for next; `at_once` limits how many are read ahead.
        """
        with self._fetching(email):
            read = self._ahead.take(email)
            if read and read.at == self._writes.count(email) and email not in self._fetched:
                self._keep(read)
                self._fetched.add(email)
        record = self.fetch_once(email)
        self._ahead.begin(at_once, lambda: filter(self._is_unlisted, others()))
        return record

    def _fetching(self, email: str) -> AbstractContextManager[None]:
        with self._lock:
            lock = self._fetch_locks[email]
        return hold_lock(lock, f"another operation of this run read user {email}")

    def _is_unlisted(self, email: str) -> bool:
        with self._lock:
            return email not in self._known and email not in (self._listed or {})

    def is_confirmed(self, email: str) -> bool:
        """Say whether a user's accounts are known from its own GET, or from a write's response, since its last write.

        What a list shows is no proof: it may be older than either.
        """
        with self._lock:
            return self._accounts_at.get(email) == self._writes.count(email)

    def is_listed_with(self, email: str, account_id: int) -> bool:
        """Say whether the list that was read shows a user with an account."""
        listed = (self._listed or {}).get(email)
        return isinstance(listed, UserRecord) and account_id in listed.accounts

    def spelling(self, email: str, address: str | None = None) -> str:
        """Return the address as the API spells it, as a state has it or as far as that is known."""
        record = self.from_cache(email)
        return address or (record.email if record else email)

    def record_user(self, record: UserRecord, at: int | None = None) -> UserRecord:
        """Keep a user from a response, as of so many writes to it; by default as of all."""
        email = canonical_email(record.email)
        with self._lock:
            at = self._writes.count(email) if at is None else at
            if at >= self._seen_at.get(email, 0):  # else a response that was overtaken by a write and its response
                self._known[email] = record
                self._seen_at[email] = self._accounts_at[email] = at
        return record

    def record_change(self, email: str, **changes: object) -> None:
        """Keep what one of our writes did to a user that is known; its response is as good as a GET made now."""
        with self._lock:
            record = self.from_cache(email)
            if record is not None:
                self._known[email] = record.model_copy(update=changes)
                self._record_own_write(email, is_of_accounts="accounts" in changes)
            if "status" in changes:
                self._doubted.discard(email)

    def _record_own_write(self, email: str, *, is_of_accounts: bool) -> None:
        count = self._writes.count(email)
        if self._seen(email) >= count - WRITE:  # no other write has come since what is known was read
            self._seen_at[email] = count
        if is_of_accounts:
            self._accounts_at[email] = count

    def doubt_status(self, email: str) -> None:
        """Read the status anew from now on: what is known of it is from before a write."""
        with self._lock:
            self._doubted.add(email)

    def record_own_addition(self, email: str, account_ids: Iterable[int]) -> None:
        """Record that this process itself added these accounts: to find them later is no adoption."""
        with self._lock:
            self._own_additions.setdefault(email, set()).update(account_ids)

    def is_own_addition(self, email: str, account_id: int) -> bool:
        """Say whether this process itself added the account."""
        with self._lock:
            return account_id in self._own_additions.get(email, ())

    def _seen(self, email: str) -> int:
        return max(self._seen_at.get(email, 0), self._listed_at.get(email, 0))

    def _is_outdated(self, email: str, address: str | None) -> bool:
        """Say whether what is known of a user is older than a write to it, or spells it otherwise than its state."""
        with self._lock:
            listed = None if email in self._known else (self._listed or {}).get(email)
            is_other = address is not None and listed is not None and listed.email != address
            return is_other or self._seen(email) < self._writes.count(email)

    def _absent(self) -> UserRecord | None:
        """Return None; raise where the list has a user without a readable address: it may be the missing one."""
        unnamed = self._list().get("")
        return None if unnamed is None else _readable(unnamed)

    def _list(self) -> Mapping[str, UserRecord | UnreadableUser]:
        with hold_lock(self._list_lock, "another operation of this run read the list of users"):
            if self._listed is None:
                listed: dict[str, UserRecord | UnreadableUser] = {}
                at = self._writes.counts()
                for record in self.client.list_users():
                    email = canonical_email(record.email)
                    if email in listed and listed[email].email != record.email:
                        self._ambiguous.add(email)
                    listed[email] = record
                self._listed, self._listed_at = listed, at
            return self._listed

    def _by_listed_spelling(self, email: str, address: str | None) -> UserRecord | None:
        spelling = self.spelling(email, address)
        self._list()
        known = self.from_cache(email)
        if known is None or known.email == spelling:
            return None
        if address is not None:
            raise RefusedError(
                f"user {email}: the state has its address as '{escaped(address)}', which returned 404, and the list has"
                f" '{escaped(known.email)}': where the API tells cases apart, that is another user; nothing was changed"
                " by this. Compare the two, then take the resource out of the state (`pulumi state delete`) and declare"
                " it again"
            )
        return self._get(known.email)

    def _read(self, email: str, address: str | None = None) -> _Read:
        at = self._writes.count(email)
        record = self._get(self.spelling(email, address)) or self._by_listed_spelling(email, address)
        if record is not None and record.status is None:
            record = self._with_listed_status(email, record)
        return _Read(record, at)

    def _keep(self, read: _Read) -> UserRecord | None:
        return None if read.record is None else self.record_user(read.record, read.at)

    def _get(self, spelling: str) -> UserRecord | None:
        try:
            return self.client.get_user(spelling)
        except NotFoundError:
            return None

    def _with_listed_status(self, email: str, record: UserRecord) -> UserRecord:
        listed = self._list_again(email) if email in self._doubted else self.from_list(email)
        return record.model_copy(update={"status": listed.status}) if listed else record

    def _list_again(self, email: str) -> UserRecord | None:
        with hold_lock(self._list_lock, "another operation of this run read the list of users"):
            self._listed = None
        record = self._list().get(email)
        return None if record is None else _readable(record)


def _readable(record: UserRecord | UnreadableUser) -> UserRecord:
    if isinstance(record, UnreadableUser):
        raise UnexpectedResponseError(record.reason)
    return record
