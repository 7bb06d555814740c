"""What one write to the state changed, as a reader may see it: never a password, a token or a session.

Knows the records by kind, and nothing of who wrote them or why.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from pulumi_conduit.sandbox.rules.records import Account, Company, Identity, LinkApp, User
from pulumi_conduit.sandbox.switches import Switches

__all__ = ["Change", "change_of"]

# What may be shown of each kind; of the fields that are not here it is at most told that one changed.
_SHOWN: dict[type, tuple[str, tuple[str, ...]]] = {
    User: ("user", ("type", "status", "accounts", "first_name", "last_name", "view", "sso_access")),
    Company: ("company", ("name", "page_enabled")),
    Account: ("account", ("name",)),
    Identity: ("identity", ("accounts",)),
    LinkApp: ("Link APP", ()),
    Switches: ("switches", tuple(field.name for field in dataclasses.fields(Switches))),
}
_NAMES = {User: "email", Company: "company_id", Account: "account_id", Identity: "username", LinkApp: "name"}


@dataclass(frozen=True)
class Change:
    """One object that was created, edited or removed; `fields` holds what each field was and is now."""

    kind: str
    name: str
    what: str
    fields: dict[str, tuple[Any, Any]]


def change_of(before: object | None, after: object | None) -> Change | None:
    """Return what differs between two versions of a row, or None: nothing, or nothing that is anybody's business."""
    row = before if after is None else after
    if before == after or type(row) not in _SHOWN:
        return None
    kind, names = _SHOWN[type(row)]
    what = "created" if before is None else "removed" if after is None else "edited"
    pairs = {name: (getattr(before, name, None), getattr(after, name, None)) for name in names}
    fields = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Change(kind, str(getattr(row, _NAMES.get(type(row), ""), "")), what, fields)
