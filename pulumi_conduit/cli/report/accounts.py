"""The names of accounts from a file, for where no API can be asked: `pulumi-conduit accounts --json` writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pulumi_conduit.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_accounts"]

_MADE_BY = "make it with `pulumi-conduit accounts --json`"


def read_accounts(text: str, name: str) -> Mapping[int, str]:
    """Return names by account id; `name` is the file's, for the error."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInputError(f"{name}: no JSON; {_MADE_BY}") from None
    if not isinstance(listed, list) or not all(_is_account(one) for one in listed):
        raise InvalidInputError(f"{name}: no list of accounts with account_id and name; {_MADE_BY}")
    return {one["account_id"]: one["name"] for one in listed}


def _is_account(one: object) -> bool:
    if not isinstance(one, dict):
        return False
    account_id, name = one.get("account_id"), one.get("name")
    return isinstance(account_id, int) and not isinstance(account_id, bool) and isinstance(name, str)
