"""From the list of users to people as an `up` would have recorded them: who is chosen, who is left out, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pulumi_conduit.api.records import UnreadableUser, UserRecord
from pulumi_conduit.cli.adopt.inventory import LeftOut
from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import InvalidInputError, NotFoundError, RefusedError, escaped
from pulumi_conduit.resources.conductor_user.model import (
    PROPERTIES,
    ConductorUserSpec,
    ConductorUserState,
    recorded_user,
)
from pulumi_conduit.resources.fields import canonical_email, normal_form
from pulumi_conduit.resources.serialization import camel_case, from_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.resources.sessions import ConductorSession

__all__ = ["Choice", "PeopleReader", "accounts_named"]


@dataclass(frozen=True)
class Choice:
    """What must be true of a person; what is empty asks for nothing."""

    emails: tuple[str, ...] = ()
    """Patterns as shells have them, one of which the address must match, without regard to case."""
    not_emails: tuple[str, ...] = ()
    """Patterns none of which it may match."""
    accounts: frozenset[int] = frozenset()
    """Accounts one of which the person must hold."""
    types: frozenset[str] = frozenset()
    only_active: bool = False

    def fits(self, record: UserRecord) -> bool:
        """Say whether a person is wanted."""
        return (
            self.fits_email(record.email)
            and (not self.accounts or bool(self.accounts & record.accounts))
            and (not self.types or record.type in self.types)
            and not (self.only_active and record.status is UserStatus.INACTIVE)
        )

    def fits_email(self, email: str) -> bool:
        """Say whether somebody of whom only the address can be read may be wanted."""
        is_named = not self.emails or _matches_any(email, self.emails)
        return is_named and not _matches_any(email, self.not_emails)


def accounts_named(given: Iterable[str], owned: Mapping[int, AccountRecord]) -> frozenset[int]:
    """Return the ids of accounts that were given by id or by exact name; InvalidInputError lists all that are none."""
    found = {text: _ids(text, owned) for text in given}
    wrong = [text for text, ids in found.items() if len(ids) != 1]
    if wrong:
        lines = (f"account '{escaped(text, 80)}': {_miss(found[text])}" for text in wrong)
        raise InvalidInputError("\n".join(lines))
    return frozenset(one for ids in found.values() for one in ids)


def _ids(text: str, owned: Mapping[int, AccountRecord]) -> list[int]:
    is_id = text.isascii() and text.isdecimal()
    return [one for one, account in owned.items() if (str(one) if is_id else account.name) == text]


def _miss(ids: list[int]) -> str:
    if not ids:
        return "is neither the id nor the name of an account that this identity owns"
    return f"is the name of {len(ids)} accounts, {', '.join(map(str, sorted(ids)))}; give the id of one"


def _matches_any(email: str, patterns: Iterable[str]) -> bool:
    canonical = canonical_email(email)
    return any(fnmatchcase(canonical, canonical_email(pattern)) for pattern in patterns)


_DECLARED = ("email", "first_name", "last_name", "view", "sso_access", "type", "status")
_ADMIN = "is an ADMIN, whom this API cannot manage"
_NO_STATUS = "neither the list nor its own answer says whether it is ACTIVE"
_NO_ACCOUNT = "holds no account that this identity owns, and a person is declared with one or more"
_FOREIGN = "left alone, for this identity does not own the account"


class PeopleReader:
    """The people of one identity."""

    def __init__(self, session: ConductorSession, profile: str | None) -> None:
        """Take the identity, and the profile that leads to it."""
        self._session = session
        self._profile = profile
        self.found: list[ConductorUserState] = []
        self.left_out: list[LeftOut] = []

    def look(self, choice: Choice) -> None:
        """Read the list once, and judge everybody who is wanted, by address."""
        listed = self._session.client.list_users()
        # A list that is read in pieces may hold somebody twice: the last one counts.
        wanted = {one.email: one for one in listed if isinstance(one, UserRecord) and choice.fits(one)}
        _refuse_twins(wanted)
        for unreadable in listed:
            if isinstance(unreadable, UnreadableUser) and choice.fits_email(unreadable.email):
                self.left_out.append(LeftOut(_named(unreadable.email or "?"), escaped(unreadable.reason, 400)))
        for email in sorted(wanted, key=canonical_email):
            self._judge(wanted[email], choice)

    def _judge(self, listed: UserRecord, choice: Choice) -> None:
        if listed.type == UserType.ADMIN.value:
            self.left_out.append(LeftOut(_named(listed.email), _ADMIN, is_expected=True))
            return
        record = self._told(listed)
        if not choice.fits(record):
            return
        owned = record.accounts & self._session.cache.accounts().keys()
        inputs, reasons = self._declared(record, owned)
        if reasons:
            self.left_out += [LeftOut(_named(record.email), reason) for reason in reasons]
            return
        spec = from_properties(ConductorUserSpec, inputs, "user")
        self.found.append(recorded_user(spec, record, str(self._session.tenant)))
        self._name_foreign(record, record.accounts - owned)

    def _told(self, record: UserRecord) -> UserRecord:
        """Return a user with its status, asked for where the list does not tell."""
        if record.status is not None:
            return record
        try:
            return self._session.client.get_user(record.email)
        except NotFoundError:
            return record

    def _declared(self, record: UserRecord, owned: frozenset[int]) -> tuple[dict[str, Any], list[str]]:
        """Return the declaration of what lives in normal form, or every reason why there is none."""
        if not owned or record.status is None:
            return {}, [*([] if owned else [_NO_ACCOUNT]), *([_NO_STATUS] if record.status is None else [])]
        normal = normal_form(PROPERTIES, self._values(record, owned))
        return normal.inputs, [_with_value(reason, record) for reason in normal.reasons]

    def _values(self, record: UserRecord, owned: frozenset[int]) -> dict[str, Any]:
        """Return what a program would say, by stored names."""
        values = {name: getattr(record, name) for name in _DECLARED}
        values |= {"initial_accounts": owned, "profile": self._profile}
        return {camel_case(name): value for name, value in values.items()}

    def _name_foreign(self, record: UserRecord, accounts: frozenset[int]) -> None:
        self.left_out += [
            LeftOut(f"access of {_named(record.email)} to account {one}", _FOREIGN, is_expected=True)
            for one in sorted(accounts)
        ]


def _refuse_twins(emails: Iterable[str]) -> None:
    """Raise for users whose addresses differ in case only: which of the two a declaration means cannot be told."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for email in emails:
        spellings[canonical_email(email)].add(email)
    lines = [
        f"users {' and '.join(escaped(one, 80) for one in sorted(twins))} differ in case only; have one of them"
        " removed first, or leave both out"
        for twins in spellings.values()
        if len(twins) > 1
    ]
    if lines:
        raise RefusedError("\n".join(lines))


def _named(email: str) -> str:
    return f"user {escaped(email, 254)}"


def _with_value(reason: str, record: UserRecord) -> str:
    """Return a reason, which never repeats a value, with the value that lives."""
    live = getattr(record, reason.partition(":")[0])
    return f"{reason}; it is '{escaped(str(live), 80)}'"
