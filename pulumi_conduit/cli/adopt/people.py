"""Reads users as the states that an `up` would record: the chosen ones, and the ones left out with the reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from pulumi_conduit.api.records import UnreadableUser, UserRecord
from pulumi_conduit.cli.adopt.inventory import LeftOut
from pulumi_conduit.cli.terminal import SILENT
from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import InvalidInputError, NotFoundError, RefusedError, escaped
from pulumi_conduit.resources.conductor_user.model import (
    PROPERTIES,
    ConductorUserSpec,
    ConductorUserState,
    recorded_user,
)
from pulumi_conduit.resources.fields import camel_case, canonical_email, composed, from_properties, normal_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.cli.terminal import ProgressDisplay
    from pulumi_conduit.resources.provider_context import ConductorSession

__all__ = ["Choice", "PeopleReader", "resolve_accounts"]


@dataclass(frozen=True)
class Choice:
    """A filter for people; empty fields match everything."""

    emails: tuple[str, ...] = ()
    """Shell patterns, one of which the address must match, ignoring case."""
    not_emails: tuple[str, ...] = ()
    """Shell patterns that the address must not match."""
    accounts: frozenset[int] = frozenset()
    """Accounts one of which the person must have."""
    types: frozenset[str] = frozenset()
    only_active: bool = False

    def fits(self, record: UserRecord) -> bool:
        """Return whether a person matches."""
        return (
            self.fits_email(record.email)
            and (not self.accounts or bool(self.accounts & record.accounts))
            and (not self.types or record.type in self.types)
            and not (self.only_active and record.status is UserStatus.INACTIVE)
        )

    def fits_email(self, email: str) -> bool:
        """Return whether an address matches, for a user of which only that can be parsed."""
        is_named = not self.emails or _matches_any(email, self.emails)
        return is_named and not _matches_any(email, self.not_emails)


def resolve_accounts(given: Iterable[str], owned: Mapping[int, AccountRecord]) -> frozenset[int]:
    """Return the ids of accounts given by id or exact name; InvalidInputError lists unknown ones."""
    found = {text: _ids(text, owned) for text in given}
    wrong = [text for text, ids in found.items() if len(ids) != 1]
    if wrong:
        lines = (f"account '{escaped(text, 80)}': {_miss(found[text])}" for text in wrong)
        raise InvalidInputError("\n".join(lines))
    return frozenset(one for ids in found.values() for one in ids)


def _ids(text: str, owned: Mapping[int, AccountRecord]) -> list[int]:
    if text.isascii() and text.isdecimal():
        return [one for one in owned if str(one) == text]
    wanted = composed(text)
    return [one for one, account in owned.items() if composed(account.name) == wanted]


def _miss(ids: list[int]) -> str:
    if not ids:
        return "is neither the id nor the name of an account that this identity owns"
    return f"is the name of {len(ids)} accounts, {', '.join(map(str, sorted(ids)))}; give the id of one"


def _matches_any(email: str, patterns: Iterable[str]) -> bool:
    canonical = canonical_email(email)
    return any(fnmatchcase(canonical, canonical_email(pattern)) for pattern in patterns)


_DECLARED = ("email", "first_name", "last_name", "view", "sso_access", "type", "status")
_ADMIN = "is an ADMIN, which this API cannot manage"
_NO_STATUS = "neither the list nor a GET returns its status"
_NO_ACCOUNT = "has no account that this identity owns, and initial_accounts needs one"
_FOREIGN = "not adopted: this identity does not own the account"


class PeopleReader:
    """The people of one identity."""

    def __init__(self, session: ConductorSession, profile: str | None) -> None:
        """Take the identity and its profile."""
        self._session = session
        self._profile = profile
        self.found: list[ConductorUserState] = []
        self.left_out: list[LeftOut] = []

    def read(self, choice: Choice, display: ProgressDisplay = SILENT) -> None:
        """Read the list once, and evaluate the chosen people, by address."""
        listed = self._session.client.list_users()
        # A paged list may have a user twice: the last one counts.
        wanted = {one.email: one for one in listed if isinstance(one, UserRecord) and choice.fits(one)}
        _refuse_twins(wanted)
        for unreadable in listed:
            if isinstance(unreadable, UnreadableUser) and choice.fits_email(unreadable.email):
                self.left_out.append(LeftOut(_named(unreadable.email or "?"), escaped(unreadable.reason, 400)))
        records = [wanted[email] for email in sorted(wanted, key=canonical_email)]
        display.run("people", map(partial(self._evaluate, choice), records), len(records))

    def _evaluate(self, choice: Choice, listed: UserRecord) -> None:
        if listed.type == UserType.ADMIN.value:
            self.left_out.append(LeftOut(_named(listed.email), _ADMIN, is_expected=True))
            return
        record = self._with_status(listed)
        if not choice.fits(record):
            return
        owned = record.accounts & self._session.cache.accounts().keys()
        inputs, reasons = self._declared(record, owned)
        if reasons:
            self.left_out += [LeftOut(_named(record.email), reason) for reason in reasons]
            return
        spec = from_properties(ConductorUserSpec, inputs, "user")
        self.found.append(recorded_user(spec, record, str(self._session.tenant), adopted=True))
        self._name_foreign(record, record.accounts - owned)

    def _with_status(self, record: UserRecord) -> UserRecord:
        """Return a user with its status, by a GET if the list lacks it."""
        if record.status is not None:
            return record
        try:
            return self._session.client.get_user(record.email)
        except NotFoundError:
            return record

    def _declared(self, record: UserRecord, owned: frozenset[int]) -> tuple[dict[str, Any], list[str]]:
        """Return the declaration of the actual values in normal form, or every reason against it."""
        if not owned or record.status is None:
            return {}, [*([] if owned else [_NO_ACCOUNT]), *([_NO_STATUS] if record.status is None else [])]
        normal = normal_form(PROPERTIES, self._values(record, owned))
        return normal.inputs, [_with_value(reason, record) for reason in normal.reasons]

    def _values(self, record: UserRecord, owned: frozenset[int]) -> dict[str, Any]:
        """Return the arguments of the resource, by stored names."""
        values = {name: getattr(record, name) for name in _DECLARED}
        values |= {name: composed(values[name]) for name in ("first_name", "last_name")}  # as `check` takes names
        values |= {"initial_accounts": owned, "profile": self._profile}
        return {camel_case(name): value for name, value in values.items()}

    def _name_foreign(self, record: UserRecord, accounts: frozenset[int]) -> None:
        self.left_out += [
            LeftOut(f"access of {_named(record.email)} to account {one}", _FOREIGN, is_expected=True)
            for one in sorted(accounts)
        ]


def _refuse_twins(emails: Iterable[str]) -> None:
    """Raise for users whose addresses differ in case only: a declaration would be ambiguous."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for email in emails:
        spellings[canonical_email(email)].add(email)
    lines = [
        f"users {' and '.join(escaped(one, 80) for one in sorted(twins))} differ in case only:"
        " remove one of them first, or exclude both"
        for twins in spellings.values()
        if len(twins) > 1
    ]
    if lines:
        raise RefusedError("\n".join(lines))


def _named(email: str) -> str:
    return f"user {escaped(email, 254)}"


def _with_value(reason: str, record: UserRecord) -> str:
    """Return a reason, which never has the value, with the actual value."""
    actual = getattr(record, reason.partition(":")[0])
    return f"{reason}; it is '{escaped(str(actual), 80)}'"
