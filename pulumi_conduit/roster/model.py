"""The columns of a roster, for people and companies, and the rows that they validate to.

The reader and the JSON Schema are made from the columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi_conduit.enums import (
    CompanyConflict,
    CompanyDestroy,
    UserConflict,
    UserDestroy,
    UserStatus,
    UserType,
    UserView,
)
from pulumi_conduit.resources import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_conduit.roster.source import Position

__all__ = [
    "COMPANY",
    "LABEL",
    "PERSON",
    "AccessMode",
    "Column",
    "CompanyRow",
    "DeclaredRoster",
    "PersonRow",
    "group_name",
    "is_label",
    "resource_name",
]


def resource_name(*parts: str | int) -> str:
    """Return the name of a resource from its component's, where it has one, and the parts of its key."""
    return "-".join(map(str, parts))


class AccessMode(str, Enum):
    """Whether a person's accounts are added to others, or are the only ones."""

    ADDITIVE = "additive"
    EXCLUSIVE = "exclusive"


@dataclass(frozen=True)
class Column:
    """One column: its parser, its JSON Schema and its description."""

    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    about: str
    is_required: bool = False
    is_list: bool = False
    is_identity: bool = False
    """Whether it belongs to one person or company alone, so that no default makes sense."""


def _words(words: type[Enum], about: str, refused: Mapping[str, str] | None = None) -> Column:
    allowed = [word.value for word in words if word.value not in (refused or {})]
    return Column(fields.choice(words, refused=refused), {"enum": allowed}, about)


def _flag(text: str) -> bool:
    """Parse true or false in any case, because spreadsheets write TRUE."""
    return fields.flag({"true": True, "false": False}.get(text.lower(), text))


def account_entry(text: str) -> int | str:
    """Parse an account: decimal digits are its id, as spreadsheets write it, too (`7.0`); anything else is a name."""
    text = re.sub(r"\.0+\Z", "", text) if re.fullmatch(r"[0-9]+\.0+", text) else text
    if not (text.isascii() and text.isdecimal()):
        if re.fullmatch(r"\d+(?: *[;,] *\d+)+", text):
            raise ValueError("several accounts are separated by |")
        return fields.text()(text)
    if len(text) > 1 and text.startswith("0"):
        raise ValueError("an account id has no leading zero")
    return fields.account_id(int(text) if len(text) <= len(str(fields.MAX_ACCOUNT_ID)) else -1)


def group_name(text: str) -> str:
    """Parse the name of a group: what an account entry reads as a name, and no |, which separates entries."""
    name = fields.text()(text)
    if "|" in name or not _is_account_name(name):
        raise ValueError("the name of a group must not be a number and must not hold |")
    return name


def _is_account_name(text: str) -> bool:
    try:
        return isinstance(account_entry(text), str)
    except ValueError:
        return False


def is_label(name: str) -> bool:
    """Return whether a key or column is the user's own (`x_`), and declares nothing."""
    return name.startswith("x_") and len(name) > len("x_")


_TEXT = {"type": "string", "minLength": 1, "maxLength": 1024}
_FLAG = {"enum": [True, False, "true", "false"]}
_ACCOUNT = {
    "oneOf": [
        {"type": "integer", "minimum": 0, "maximum": fields.MAX_ACCOUNT_ID},
        {**_TEXT, "pattern": "^(0|[1-9][0-9]{0,15}|.*[^0-9].*)$"},
    ]
}
_ADMIN = {"ADMIN": "an ADMIN can neither be created nor managed by this API; declare READ_ONLY or STANDARD"}

LABEL = Column(fields.text(), {"type": ["string", "number", "boolean"]}, "Yours: it declares nothing.")

PERSON: Mapping[str, Column] = {
    "email": Column(
        fields.email,
        {"type": "string", "maxLength": 254, "pattern": "^[^@\\s]+@[^@\\s]+$"},
        "The address, compared in lower case.",
        is_required=True,
        is_identity=True,
    ),
    "first_name": Column(fields.text(), _TEXT, "The first name.", is_required=True, is_identity=True),
    "last_name": Column(fields.text(), _TEXT, "The last name.", is_required=True, is_identity=True),
    "type": _words(UserType, "Whether the person may change data; READ_ONLY by default.", _ADMIN),
    "view": _words(UserView, "The part of the product that the person sees; COMPLETE by default."),
    "sso_access": Column(_flag, _FLAG, "Whether the person logs in by single sign-on; false by default."),
    "accounts": Column(
        account_entry,
        {"type": "array", "minItems": 1, "items": _ACCOUNT},
        "Account ids, exact names of accounts, or names of groups.",
        is_required=True,
        is_list=True,
    ),
    "access": _words(
        AccessMode, "additive (default) leaves other accounts alone; exclusive removes what is not listed."
    ),
    "status": _words(UserStatus, "Whether the person has access; ACTIVE by default."),
    "send_email": Column(_flag, _FLAG, "Whether the product mails a new person; false by default."),
    "on_conflict": _words(UserConflict, "What a create does with a person who exists; reactivate_inactive by default."),
    "on_destroy": _words(UserDestroy, "What removal does; deactivate by default."),
}

COMPANY: Mapping[str, Column] = {
    "company_id": Column(
        fields.company_id,
        {"type": "string", "pattern": "^[A-Za-z0-9]{1,1024}$"},
        "The id, compared without case.",
        is_required=True,
        is_identity=True,
    ),
    "name": Column(fields.text(), _TEXT, "The name; undeclared: unchanged.", is_identity=True),
    "page_enabled": Column(_flag, _FLAG, "Whether the page is open; undeclared: open for a new company."),
    "on_conflict": _words(
        CompanyConflict, "What a create does with a company that exists and differs; error by default."
    ),
    "on_destroy": _words(CompanyDestroy, "What removal does; error by default."),
}


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
