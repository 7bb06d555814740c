"""Parses the objects of a plan from a step's state; a value that is secret, unknown or missing is an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.resources.fields import MAX_ACCOUNT_ID, canonical_email
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AccessObject", "CompanyObject", "UserObject", "account_list", "company", "grant", "user"]

_SECRET = "[secret]"  # noqa: S105 - Pulumi's word in place of one
_SHOWN_SECRET = "(secret)"  # noqa: S105 - likewise, in a report
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # Pulumi's word for what is not known yet


@dataclass(frozen=True)
class UserObject:
    """A user, declared or recorded; `is_kept_inactive`: a deactivation made outside Pulumi is kept.

    `is_adopted`: the state says that its resource found the user, and did not create it.

    `url` is the base URL that a state has recorded; empty for a declaration, which names a profile only.
    """

    email: str
    profile: str
    name: str
    type: str
    status: str
    initial: frozenset[int]
    on_destroy: str
    is_imported: bool
    is_kept_inactive: bool
    is_adopted: bool
    url: str = ""

    @property
    def is_active(self) -> bool:
        """Return whether the person has access."""
        return self.status == UserStatus.ACTIVE.value


@dataclass(frozen=True)
class AccessObject:
    """Accounts of one user: a single grant, or a list with the accounts that its removal leaves."""

    email: str
    profile: str
    accounts: frozenset[int]
    is_imported: bool
    initial: frozenset[int] = frozenset()
    url: str = ""


@dataclass(frozen=True)
class CompanyObject:
    """A company; undeclared values are None. `url` is the tenant in its state."""

    company_id: str
    profile: str
    name: str | None
    is_open: bool | None
    on_destroy: str
    is_imported: bool
    url: str = ""


class _Properties:
    """The properties of a state: inputs, overridden by outputs."""

    def __init__(self, name: str, state: Mapping[str, Any]) -> None:
        self._name = name
        self._values: dict[str, Any] = {}
        for part in ("inputs", "outputs"):
            values = state.get(part) or {}
            if not isinstance(values, dict):
                raise self._unreadable(part, "is not a map")
            self._values |= values

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        value = self._known(name, default)
        if not isinstance(value, str):
            raise self._unreadable(name, "is missing or not a string")
        return value

    def shown(self, name: str) -> str:
        """Return a text for display, or an empty one if it is secret or unknown."""
        value = self._values.get(name)
        return value if isinstance(value, str) and value not in {_SECRET, _UNKNOWN} else ""

    def display_name(self, name: str) -> str | None:
        """Return a name that nothing depends on, `(secret)` for a secret one, or None where there is none."""
        return _SHOWN_SECRET if self._values.get(name) == _SECRET else self.text(name, "") or None

    def word(self, name: str, words: set[str]) -> str:
        value = self.text(name)
        if value not in words:
            raise self._unreadable(name, f"is '{escaped(value, 40)}', which is not known")
        return value

    def flag(self, name: str) -> bool | None:
        value = self._known(name, None)
        if not isinstance(value, bool | None):
            raise self._unreadable(name, "is neither true nor false")
        return value

    def accounts(self, name: str) -> frozenset[int]:
        value = self._known(name, [])
        if not isinstance(value, list):
            raise self._unreadable(name, "is not a list")
        return frozenset(self._account(name, one) for one in value)

    def account(self, name: str) -> frozenset[int]:
        return frozenset({self._account(name, self._known(name, None))})

    def applied(self, name: str) -> Any:
        applied = self._values.get("lastApplied")
        return applied.get(name) if isinstance(applied, dict) else self._known("lastApplied", None)

    def _account(self, name: str, value: Any) -> int:
        if value in (_SECRET, _UNKNOWN):
            self._refuse_hidden(name, value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ACCOUNT_ID:
            raise self._unreadable(name, "is not an account id")
        return value

    def _known(self, name: str, default: Any) -> Any:
        value = self._values.get(name)
        self._refuse_hidden(name, value)
        return default if value is None else value

    def _refuse_hidden(self, name: str, value: Any) -> None:
        if value == _SECRET:
            raise self._unreadable(name, "is secret")
        if value == _UNKNOWN:
            raise self._unreadable(name, "is not known before the update")

    def _unreadable(self, name: str, why: str) -> InvalidInputError:
        return InvalidInputError(f"{escaped(self._name, 80)}: {name} {why}, so the plan cannot be reported")


def user(name: str, state: Mapping[str, Any]) -> UserObject:
    """Read a `ConductorUser`."""
    read = _Properties(name, state)
    statuses = {one.value for one in UserStatus}
    status = read.word("status", statuses)
    return UserObject(
        email=canonical_email(read.text("email")),
        profile=read.text("profile", ""),
        name=f"{read.shown('firstName')} {read.shown('lastName')}".strip(),
        type=read.word("type", {one.value for one in UserType}),
        status=status,
        initial=read.accounts("initialAccounts"),
        on_destroy=read.text("onDestroy", "deactivate"),
        is_imported=read.has("importId"),
        is_kept_inactive=status == UserStatus.INACTIVE.value and read.applied("status") == UserStatus.ACTIVE.value,
        is_adopted=bool(read.flag("adopted")),
        url=Tenant.parse(read.shown("tenant")).url,
    )


def grant(name: str, state: Mapping[str, Any]) -> AccessObject:
    """Read a `UserAccountAccess`."""
    read = _Properties(name, state)
    email = canonical_email(read.text("user"))
    url = Tenant.parse(read.shown("tenant")).url
    return AccessObject(email, read.text("profile", ""), read.account("accountId"), read.has("importId"), url=url)


def account_list(name: str, state: Mapping[str, Any]) -> AccessObject:
    """Read a `UserAccountAccessExclusive`."""
    read = _Properties(name, state)
    email, profile = canonical_email(read.text("user")), read.text("profile", "")
    accounts, initial = read.accounts("accountIds"), read.accounts("initialAccounts")
    return AccessObject(email, profile, accounts, read.has("importId"), initial, Tenant.parse(read.shown("tenant")).url)


def company(name: str, state: Mapping[str, Any]) -> CompanyObject:
    """Read a `CompanyObject`."""
    read = _Properties(name, state)
    return CompanyObject(
        company_id=read.text("companyId"),
        profile=read.text("profile", ""),
        name=read.display_name("name"),
        is_open=read.flag("pageEnabled"),
        on_destroy=read.text("onDestroy", "error"),
        is_imported=read.has("importId"),
        url=read.shown("tenant"),
    )
