"""What one Conductor identity sees, read at most once per process and kept true over our own writes.

One list answers for every user and grant. It is never shared when it failed, never believed for an absence (lists may
be short or late, so a miss asks for the one user), and never enough before a removal or a reactivation: `fresh` asks.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pulumi_conduit.errors import NotFound, RefusedError, escaped
from pulumi_conduit.resources.fields import canonical_email

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.conductor import ConductorClient
    from pulumi_conduit.api.records import AccountRecord, UserRecord

__all__ = ["LiveView"]


class LiveView:
    """The users and accounts of one identity; safe for all threads of a process."""

    def __init__(self, client: ConductorClient) -> None:
        """Read nothing yet."""
        self._client = client
        self._lock = threading.RLock()
        self._list_lock = threading.Lock()
        self._accounts_lock = threading.Lock()
        self._listed: dict[str, UserRecord] | None = None
        self._known: dict[str, UserRecord] = {}
        self._ambiguous: set[str] = set()
        self._accounts: dict[int, AccountRecord] | None = None
        self._given: dict[str, set[int]] = {}

    def accounts(self) -> Mapping[int, AccountRecord]:
        """Return the accounts that this identity owns, by account id."""
        with self._accounts_lock:
            if self._accounts is None:
                self._accounts = {account.account_id: account for account in self._client.list_accounts()}
            return self._accounts

    def users(self) -> Mapping[str, UserRecord]:
        """Return the listed users, by canonical email."""
        return self._list()

    def names(self, account_ids: Iterable[int]) -> str:
        """Return accounts for a person to read: by name where this identity owns them, and by id."""
        owned = self.accounts()
        return ", ".join(
            f"'{escaped(owned[one].name, 80)}' ({one})" if one in owned else str(one) for one in sorted(account_ids)
        )

    def find(self, email: str) -> UserRecord | None:
        """Return a user from the list, or else from its own GET; None only when both know none."""
        return self.listed(email) or self.fresh(email)

    def listed(self, email: str) -> UserRecord | None:
        """Return a user as far as the list and our own writes know it."""
        self._list()
        return self.known(email)

    def known(self, email: str) -> UserRecord | None:
        """Return a user as far as this process has heard of it, without a request."""
        with self._lock:
            return self._known.get(email) or (self._listed or {}).get(email)

    def fresh(self, email: str) -> UserRecord | None:
        """Return a user from its own GET, made now; None when that is 404 under every spelling the list has."""
        record = self._asked(self.spelling(email)) or self._by_listed_spelling(email)
        if record is None:
            return None
        return self.note(record if record.status is not None else self._with_listed_status(email, record))

    def spelling(self, email: str) -> str:
        """Return the address as the API spells it, as far as that is known; it may tell cases apart."""
        with self._lock:
            if email in self._ambiguous:
                raise RefusedError(
                    f"user {email}: the API lists two users that differ in case only; have one of them removed first"
                )
            record = self.known(email)
            return record.email if record else email

    def note(self, record: UserRecord) -> UserRecord:
        """Keep what an answer said of a user."""
        with self._lock:
            self._known[canonical_email(record.email)] = record
        return record

    def note_change(self, email: str, **changes: object) -> None:
        """Keep what one of our writes did to a user that is known."""
        with self._lock:
            record = self.known(email)
            if record is not None:
                self._known[email] = record.model_copy(update=changes)

    def note_given(self, email: str, account_ids: Iterable[int]) -> None:
        """Remember that this process itself gave these accounts: to find them later is no takeover."""
        with self._lock:
            self._given.setdefault(email, set()).update(account_ids)

    def is_given(self, email: str, account_id: int) -> bool:
        """Say whether this process itself gave the account."""
        with self._lock:
            return account_id in self._given.get(email, ())

    def _list(self) -> Mapping[str, UserRecord]:
        with self._list_lock:
            if self._listed is None:
                records = self._client.list_users()
                listed: dict[str, UserRecord] = {}
                for record in records:
                    email = canonical_email(record.email)
                    if email in listed and listed[email].email != record.email:
                        self._ambiguous.add(email)
                    listed[email] = record
                self._listed = listed
            return self._listed

    def _by_listed_spelling(self, email: str) -> UserRecord | None:
        asked = self.spelling(email)
        self._list()
        spelled = self.spelling(email)
        return None if spelled == asked else self._asked(spelled)

    def _asked(self, spelled: str) -> UserRecord | None:
        try:
            return self._client.get_user(spelled)
        except NotFound:
            return None

    def _with_listed_status(self, email: str, record: UserRecord) -> UserRecord:
        listed = self.listed(email)
        return record.model_copy(update={"status": listed.status}) if listed else record
