"""What an audit can find, as data. Knows neither how it is found nor how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_conduit.api.records import AccountRecord

__all__ = ["AuditFinding", "FindingKind", "NamedAccountId", "accounts_of"]


class FindingKind(Enum):
    """A kind of finding: its name, its heading, what to do; without the latter it is for information only."""

    UNDECLARED_USER = (
        "undeclared-user",
        "ACTIVE people in no stack",
        "declare the person, or deactivate them in Conductor",
    )
    UNDECLARED_GRANT = (
        "undeclared-grant",
        "Access that no stack declares",
        "declare it, or take it away in Conductor; an exclusive list takes it away with `pulumi up --refresh`",
    )
    INACTIVE_WITH_ACCESS = (
        "inactive-with-access",
        "INACTIVE people who still hold access",
        "take the accounts away in Conductor: whoever reactivates the person by hand gives them back",
    )
    ACTIVATED_OUTSIDE = (
        "activated-outside",
        "People who are declared INACTIVE and are ACTIVE",
        "run `pulumi up --refresh`, which deactivates them, or declare them ACTIVE",
    )
    TYPE_DIFFERS = (
        "type-differs",
        "People of another type than declared",
        "run `pulumi up --refresh`; an ADMIN cannot be managed: change the type in Conductor, or retain the person",
    )
    MISSING_USER = ("missing-user", "People who are declared and not there", "run `pulumi up --refresh`")
    MISSING_GRANT = ("missing-grant", "Access that is declared and not there", "run `pulumi up --refresh`")
    MISSING_COMPANY = ("missing-company", "Companies that are declared and not there", "run `pulumi up --refresh`")
    DECLARED_TWICE = (
        "declared-twice",
        "Declared more than once",
        "keep one: remove the others with `pulumi state delete`, and from their programs",
    )
    STACK_GIVEN_TWICE = (
        "stack-given-twice",
        "Different exports of one stack name",
        "give each stack once, its newest export; what two stacks of one name both declare is declared twice",
    )
    NO_ACCESS = (
        "no-access",
        "ACTIVE people who show no account",
        "deactivate the person, or declare access; this identity may lose sight of them",
    )
    UNCLEAR = ("unclear", "Not to be judged", "look at it in Conductor, or with the identity that owns the account")
    LOST_SIGHT = (
        "lost-sight",
        "More is missing than is likely",
        "check the credentials and the URL before anything else",
    )
    INACTIVE_AS_DECLARED = ("inactive-as-declared", "INACTIVE people with the access that is declared", "")
    DEACTIVATED_OUTSIDE = ("deactivated-outside", "People who are declared ACTIVE and are INACTIVE", "")
    EXPORT_GIVEN_TWICE = ("export-given-twice", "The same export, given more than once: it counts once", "")
    ADMIN = ("admin", "ADMINs, who cannot be managed", "")
    FOREIGN_ACCOUNT = ("foreign-account", "Accounts that this identity does not own", "")
    ELSEWHERE = ("elsewhere", "Not compared: state of another tenant", "")
    PENDING = ("pending", "What the stacks have still to do", "")

    def __init__(self, code: str, title: str, advice: str) -> None:
        """Name the parts."""
        self.code = code
        self.title = title
        self.advice = advice

    @property
    def is_problem(self) -> bool:
        """Say whether somebody has to do something."""
        return bool(self.advice)


@dataclass(frozen=True)
class NamedAccountId:
    """An account by id, and by name where this identity owns it."""

    id: int
    name: str | None


@dataclass(frozen=True)
class AuditFinding:
    """One thing found: what it is about, what more is known, and the stacks that it concerns."""

    kind: FindingKind
    subject: str
    detail: str = ""
    accounts: tuple[NamedAccountId, ...] = ()
    stacks: tuple[str, ...] = ()


def accounts_of(ids: Iterable[int], owned: Mapping[int, AccountRecord]) -> tuple[NamedAccountId, ...]:
    """Return accounts in ascending order, with the names of those that are owned."""
    return tuple(NamedAccountId(one, owned[one].name if one in owned else None) for one in sorted(ids))
