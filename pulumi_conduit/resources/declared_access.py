"""What the program declares for one user's access: the base of every reactivation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pulumi_conduit.api.deadline import remaining_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.resources.declaration_registry import Key
    from pulumi_conduit.resources.provider_context import ProviderContext

__all__ = [
    "DeclarationLog",
    "DeclaredAccess",
    "Initial",
    "LoggedAccess",
    "LoggedGrant",
    "declared_access",
    "logged_grants",
]

_LONGEST_WAIT_S = 10.0
_SHARE_OF_DEADLINE = 4
_FIRST_POLL_S, _LONGEST_POLL_S = 0.02, 0.5
_PROGRAM = "the program, which has not logged what it declares"


@dataclass(frozen=True)
class LoggedGrant:
    """One grant or list as the program has logged it; `accounts` is None while its values are not known.

    `urn` is None where the name under which the engine knows the resource is not known. A grant is `pending` while
    its values may still become known in this run.
    """

    name: str
    urn: str | None
    is_list: bool
    accounts: frozenset[int] | None
    profile: str | None = None
    is_pending: bool = False
    has_known_profile: bool = True
    """Else it may be of any tenant."""


@dataclass(frozen=True)
class LoggedAccess:
    """What the program has logged for one user; `is_complete` once its top level has run."""

    grants: tuple[LoggedGrant, ...] = ()
    is_complete: bool = False


class DeclarationLog(Protocol):
    """The log of the program that is running."""

    def access_of(self, user: Key, urn: str) -> LoggedAccess:
        """Return what is logged for a user, whose own resource is `urn`."""


@dataclass(frozen=True)
class Initial:
    """The initial accounts of a user, which count where no list is declared, and the user's profile."""

    accounts: frozenset[int]
    profile: str | None


@dataclass(frozen=True)
class DeclaredAccess:
    """What is declared for a user: the known accounts, the profiles that declare them, and what is not known."""

    accounts: frozenset[int]
    profiles: Mapping[int, frozenset[str | None]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """The names of grants whose values are not known, or the program itself."""
    is_list_unknown: bool = False


def declared_access(
    context: ProviderContext, user: Key, urn: str, initial: Initial, *, waits_for_values: bool
) -> DeclaredAccess:
    """Return what the program declares for a user, when its top level has run, or a share of the deadline is over.

    The values of single grants may take longer, up to that of another resource; they are waited for only where that is
    asked for.
    """
    logged = context.declaration_log.access_of(user, urn)
    for wait_s in _waits():
        if logged.is_complete and not (waits_for_values and _is_pending(context, logged)):
            break
        context.sleep(wait_s)
        logged = context.declaration_log.access_of(user, urn)
    return _merged(context, user, logged, initial)


def logged_grants(context: ProviderContext, user: Key, urn: str) -> list[LoggedGrant]:
    """Return the grants of a user that the program has logged and that this run has not checked."""
    checked = context.registry.declarers()
    return [one for one in context.declaration_log.access_of(user, urn).grants if one.urn not in checked]


def _waits() -> Iterator[float]:
    """Yield the time to wait before each read: a program may wait for this very user, so it must come to an end."""
    left_s = remaining_s()
    budget_s = _LONGEST_WAIT_S if left_s is None else min(_LONGEST_WAIT_S, left_s / _SHARE_OF_DEADLINE)
    wait_s = _FIRST_POLL_S
    while budget_s > 0:
        yield min(wait_s, budget_s)
        budget_s, wait_s = budget_s - wait_s, min(wait_s * 2, _LONGEST_POLL_S)


def _is_pending(context: ProviderContext, logged: LoggedAccess) -> bool:
    checked = context.registry.declarers()
    return any(one.is_pending and one.urn not in checked for one in logged.grants)


def _merged(context: ProviderContext, user: Key, logged: LoggedAccess, initial: Initial) -> DeclaredAccess:
    checked = context.registry.checked_grants(user.tenant, user.id)
    seen = context.registry.declarers()
    unchecked = [one for one in logged.grants if one.urn not in seen]
    known = [
        *((one.is_list, one.accounts, one.profile) for one in checked),
        *((one.is_list, one.accounts, one.profile) for one in unchecked if one.accounts is not None),
    ]
    unknown = [one for one in unchecked if one.accounts is None]
    is_list_unknown = any(one.is_list for one in unknown)
    if not is_list_unknown and not any(is_list for is_list, _, _ in known):
        known.append((False, initial.accounts, initial.profile))
    profiles: dict[int, frozenset[str | None]] = {}
    for _, accounts, through in known:
        for account in accounts:
            profiles[account] = profiles.get(account, frozenset()) | {through}
    names = sorted({one.name for one in unknown}) + ([] if logged.is_complete else [_PROGRAM])
    return DeclaredAccess(frozenset(profiles), profiles, tuple(names), is_list_unknown)
