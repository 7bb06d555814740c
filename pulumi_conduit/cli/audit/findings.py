"""The findings of an audit as data, and their rendering as text, Markdown and JSON.

Every text may be untrusted, stack and account names included, so each is escaped for its format.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi_conduit.cli.escaping import json_text, markdown, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.cli.audit.audit import Audit

__all__ = ["AuditFinding", "FindingKind", "Line", "NamedAccountId", "accounts_of", "as_json", "as_lines", "as_markdown"]


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


_LONGEST = 1000


class Line(NamedTuple):
    """A line for a terminal, and whether it is the heading of findings that need action."""

    text: str
    is_alarm: bool = False


def as_lines(audit: Audit, accepted: Collection[str]) -> Iterator[Line]:
    """Return the audit as lines for a terminal."""
    when = f" at {audit.audited_at}" if audit.audited_at else ""
    yield Line(f"Compared {_comma(audit.stacks, terminal)}{when} with")
    # With a dash in front: build servers parse commands at the start of a line, indented or not.
    yield from (Line(f"  - {terminal(one, _LONGEST)}") for one in audit.compared_with)
    for kind, found in _by_kind(audit):
        yield Line("")
        yield Line(_heading(kind, found, accepted), kind.is_problem and kind.code not in accepted)
        yield from (Line(f"  - {_describe(one, terminal)}") for one in found)
    yield Line("")
    yield Line(_summary(audit, accepted))


def as_markdown(audit: Audit, accepted: Collection[str]) -> str:
    """Return the audit as a page of Markdown."""
    compared = f"Compared at {audit.audited_at} with" if audit.audited_at else "Compared with"
    lines = [f"## Audit of {_comma(audit.stacks, markdown)}", "", _summary(audit, accepted), "", compared]
    lines += ["", *(f"- {markdown(one, _LONGEST)}" for one in audit.compared_with)]
    for kind, found in _by_kind(audit):
        lines += ["", f"### {_heading(kind, found, accepted)}", ""]
        lines += [f"- {_describe(one, markdown)}" for one in found]
    return "\n".join(lines)


def as_json(audit: Audit, accepted: Collection[str]) -> str:
    """Return the audit as JSON."""
    findings = [_as_data(one, is_accepted=one.kind.code in accepted) for one in audit.findings]
    found = len(audit.problems(accepted))
    return json_text(
        {
            "found": found,
            "stacks": audit.stacks,
            "audited_at": audit.audited_at or None,
            "compared_with": audit.compared_with,
            "findings": findings,
        }
    )


def _by_kind(audit: Audit) -> Iterator[tuple[FindingKind, list[AuditFinding]]]:
    for kind, found in groupby(audit.findings, key=lambda one: one.kind):
        yield kind, list(found)


def _heading(kind: FindingKind, found: Collection[AuditFinding], accepted: Collection[str]) -> str:
    what = "accepted" if kind.code in accepted else kind.advice or "for information"
    return f"{kind.title} ({len(found)}): {what}"


def _summary(audit: Audit, accepted: Collection[str]) -> str:
    found = len(audit.problems(accepted))
    more = len(audit.problems()) - found
    return f"{found or 'Nothing'} found{f', and {more} accepted' if more else ''}."


def _describe(finding: AuditFinding, shown: Callable[[str], str]) -> str:
    parts = [shown(finding.subject)]
    if finding.detail:
        parts.append(_cut(finding.detail, shown))
    if finding.accounts:
        parts.append("accounts " + ", ".join(_account(one, shown) for one in finding.accounts))
    if finding.stacks:
        parts.append(f"in {_comma(finding.stacks, shown)}")
    return "; ".join(parts)


def _cut(detail: str, shown: Callable[..., str]) -> str:
    return shown(detail, _LONGEST)


def _account(account: NamedAccountId, shown: Callable[[str], str]) -> str:
    return str(account.id) if account.name is None else f"{shown(account.name)} ({account.id})"


def _comma(texts: Collection[str], shown: Callable[[str], str]) -> str:
    return ", ".join(map(shown, texts))


def _as_data(finding: AuditFinding, *, is_accepted: bool) -> dict[str, Any]:
    return {
        "kind": finding.kind.code,
        "is_problem": finding.kind.is_problem,
        "is_accepted": is_accepted,
        "subject": finding.subject,
        "detail": finding.detail,
        "accounts": [{"account_id": one.id, "name": one.name} for one in finding.accounts],
        "stacks": finding.stacks,
        "advice": finding.kind.advice,
    }
