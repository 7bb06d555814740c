"""How many calls a peer makes, as a formula in the number of users, companies and changed users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CHANGES", "COMPANIES", "NONE", "ONCE", "USERS", "CallTable", "Formula", "Routes", "total"]


@dataclass(frozen=True)
class Formula:
    """So many calls for each user, company and changed user, and so many once."""

    users: int = 0
    companies: int = 0
    changes: int = 0
    once: int = 0

    def at(self, size: int, changes: int) -> int:
        """Return the number for this many users, a tenth as many companies, and this many changed users."""
        return self.users * size + self.companies * (size // 10) + self.changes * changes + self.once

    def __add__(self, other: Formula) -> Formula:
        """Return the formula of both."""
        return Formula(
            self.users + other.users,
            self.companies + other.companies,
            self.changes + other.changes,
            self.once + other.once,
        )

    def __rmul__(self, times: int) -> Formula:
        """Return the formula of so many times this."""
        return Formula(times * self.users, times * self.companies, times * self.changes, times * self.once)

    def __str__(self) -> str:
        """Return it as it is written in the tables: 2N + C + 1."""
        letters = ((self.users, "N"), (self.companies, "C"), (self.changes, "K"))
        terms = [f"{count if count > 1 else ''}{letter}" for count, letter in letters if count]
        return " + ".join([*terms, *([str(self.once)] if self.once or not terms else [])])


USERS = Formula(users=1)
COMPANIES = Formula(companies=1)
CHANGES = Formula(changes=1)
ONCE = Formula(once=1)
NONE = Formula()

Routes = Mapping[str, Formula]
"""The calls of one workload, by route as the sandbox names it."""

CallTable = Mapping[str, Routes]
"""The calls of a peer, by workload."""


def total(routes: Routes) -> Formula:
    """Return the formula of all routes together."""
    return sum(routes.values(), NONE)
