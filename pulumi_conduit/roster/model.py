"""The validated declarations of a roster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.roster.columns import AccessMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.roster.nodes import Position

__all__ = ["CompanyRow", "DeclaredRoster", "PersonRow"]


@dataclass(frozen=True)
class PersonRow:
    """A person with all accounts; None means the resource's default."""

    at: Position
    email: str
    first_name: str
    last_name: str
    accounts: tuple[int, ...]
    type: str | None = None
    view: str | None = None
    sso_access: bool | None = None
    access: str = AccessMode.ADDITIVE.value
    status: str | None = None
    send_email: bool | None = None
    on_conflict: str | None = None
    on_destroy: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Return the canonical spelling."""
        return self.email

    @property
    def is_exclusive(self) -> bool:
        """Return whether these are the person's only accounts."""
        return self.access == AccessMode.EXCLUSIVE.value


@dataclass(frozen=True)
class CompanyRow:
    """A company; None means the resource's default."""

    at: Position
    company_id: str
    name: str | None = None
    page_enabled: bool | None = None
    on_conflict: str | None = None
    on_destroy: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Return the canonical spelling."""
        return self.company_id.lower()


@dataclass(frozen=True)
class DeclaredRoster:
    """All people and companies of a file, in its order."""

    people: tuple[PersonRow, ...]
    companies: tuple[CompanyRow, ...]
