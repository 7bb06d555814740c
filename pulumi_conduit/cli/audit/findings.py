"""The findings of an audit, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.records import AccountRecord

__all__ = ["AuditFinding", "FindingKind", "NamedAccountId", "accounts_of"]


class FindingKind(Enum):
    """A kind of finding: code, title and advice; without advice it is for information only."""

    UNDECLARED_USER = (
        "undeclared-user",
        "ACTIVE people in no stack",
        "declare the person, or deactivate them in Conductor",
    )
    UNDECLARED_GRANT = (
        "undeclared-grant",
        "Access that no stack declares",
        "declare it, or remove it in Conductor; an exclusive list removes it with `pulumi up --refresh`",
    )
    INACTIVE_WITH_ACCESS = (
        "inactive-with-access",
        "INACTIVE people with access",
        "remove the accounts in Conductor: a manual reactivation restores them",
    )
    ACTIVATED_OUTSIDE = (
        "activated-outside",
        "People declared INACTIVE who are ACTIVE",
        "run `pulumi up --refresh`, which deactivates them, or declare them ACTIVE",
    )
    TYPE_DIFFERS = (
        "type-differs",
        "People of another type than declared",
        "run `pulumi up --refresh`; an ADMIN cannot be managed: change the type in Conductor, or retain the person",
    )
    MISSING_USER = ("missing-user", "Declared people who are not found", "run `pulumi up --refresh`")
    MISSING_GRANT = ("missing-grant", "Declared access that is not found", "run `pulumi up --refresh`")
    MISSING_COMPANY = ("missing-company", "Declared companies that are not found", "run `pulumi up --refresh`")
    DECLARED_TWICE = (
        "declared-twice",
        "Declared more than once",
        "keep one: remove the others with `pulumi state delete`, and from their programs",
    )
    STACK_GIVEN_TWICE = (
        "stack-given-twice",
        "Different exports of one stack name",
        "pass each stack once, its newest export",
    )
    NO_ACCESS = (
        "no-access",
        "ACTIVE people without an account",
        "deactivate the person, or declare access; this identity may no longer see them",
    )
    UNCLEAR = ("unclear", "Cannot be determined", "check it in Conductor, or with the identity that owns the account")
    TOO_MANY_MISSING = (
        "too-many-missing",
        "More is missing than CONDUIT_MAX_MISSING allows",
        "check the credentials and the URL before anything else",
    )
    INACTIVE_AS_DECLARED = ("inactive-as-declared", "INACTIVE people with the declared access", "")
    DEACTIVATED_OUTSIDE = ("deactivated-outside", "People declared ACTIVE who are INACTIVE", "")
    EXPORT_GIVEN_TWICE = ("export-given-twice", "The same export, passed more than once: it counts once", "")
    ADMIN = ("admin", "ADMINs, which cannot be managed", "")
    FOREIGN_ACCOUNT = ("foreign-account", "Accounts that this identity does not own", "")
    OTHER_TENANT = ("other-tenant", "Not compared: state of another tenant", "")
    PENDING = ("pending", "Pending deletes and interrupted operations", "")

    def __init__(self, code: str, title: str, advice: str) -> None:
        """Keep the parts."""
        self.code = code
        self.title = title
        self.advice = advice

    @property
    def is_problem(self) -> bool:
        """Return whether it needs action."""
        return bool(self.advice)


@dataclass(frozen=True)
class NamedAccountId:
    """An account by id, and by name where this identity owns it."""

    id: int
    name: str | None


@dataclass(frozen=True)
class AuditFinding:
    """One finding: its subject, details, accounts and stacks."""

    kind: FindingKind
    subject: str
    detail: str = ""
    accounts: tuple[NamedAccountId, ...] = ()
    stacks: tuple[str, ...] = ()


def accounts_of(ids: Iterable[int], owned: Mapping[int, AccountRecord]) -> tuple[NamedAccountId, ...]:
    """Return accounts in ascending order, with the names of those that are owned."""
    return tuple(NamedAccountId(one, owned[one].name if one in owned else None) for one in sorted(ids))
