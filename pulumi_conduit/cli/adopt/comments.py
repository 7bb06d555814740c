"""The names of accounts as comments for a person to read; they come from an API, and must not be more than that.

A comment begins with the id, so that no name can pass for one of the instructions that tools read in comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from pulumi_conduit.cli.adopt.inventory import Inventory

__all__ = ["account_lines"]


def account_lines(inventory: Inventory) -> str:
    """Return a line of comment for each account, in ASCII or letters that can be seen."""
    names = [f"#   {one} = '{_visible(name)}'\n" for one, name in inventory.account_names]
    return "".join(["# Accounts:\n", *names]) if names else ""


def _visible(name: str) -> str:
    shown = escaped(name, 80)
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in shown)
