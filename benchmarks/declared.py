"""What a benchmark declares: N users, one grant for each, and N/10 companies; and whether a sandbox holds that.

Loaded inside of the engine's processes, so that it imports nothing that costs anything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALL_CHANGES", "FIRST_ACCOUNT", "SECOND_ACCOUNT", "Company", "Declared", "Person"]

ALL_CHANGES = 10
"""How many users the workload `change` makes STANDARD."""

FIRST_ACCOUNT, SECOND_ACCOUNT = 1, 2
"""The account that every user is created with, and the one that is granted."""

_SIZE, _CHANGED = "BENCHMARK_SIZE", "BENCHMARK_CHANGED"


@dataclass(frozen=True)
class Person:
    """A user, who is granted the second account."""

    email: str
    first_name: str
    last_name: str
    type: str

    def as_json(self, *accounts: int) -> dict[str, Any]:
        """Return the body that creates this user with these accounts."""
        return {
            "accounts": list(accounts),
            "email": self.email,
            "firstname": self.first_name,
            "lastname": self.last_name,
            "sso_access": False,
            "type": self.type,
            "view": "COMPLETE",
        }


@dataclass(frozen=True)
class Company:
    """A company with an open page."""

    company_id: str
    name: str


@dataclass(frozen=True)
class Declared:
    """What is declared, by the number of users and how many of them have been changed."""

    size: int
    changed: int = 0

    @classmethod
    def here(cls) -> Declared:
        """Return what the environment of this process says."""
        return cls(int(os.environ[_SIZE]), int(os.environ.get(_CHANGED, "0")))

    def environ(self) -> dict[str, str]:
        """Return the environment variables that say this to a process."""
        return {_SIZE: str(self.size), _CHANGED: str(self.changed)}

    @property
    def changes(self) -> int:
        """How many users the workload `change` changes."""
        return min(ALL_CHANGES, self.size)

    @property
    def people(self) -> list[Person]:
        """The users, those that were changed first."""
        return [
            Person(
                f"person{n:05}@bench.example", f"First{n}", f"Last{n}", "STANDARD" if n < self.changed else "READ_ONLY"
            )
            for n in range(self.size)
        ]

    @property
    def companies(self) -> list[Company]:
        """The companies."""
        return [Company(f"BENCH{n:05}", f"Company {n}") for n in range(self.size // 10)]

    def differences(self, state: Mapping[str, Any], *, destroyed: bool = False) -> list[str]:
        """Return what a sandbox's dumped state lacks or has otherwise; nobody deletes a company."""
        users, companies = state["users"], state["apps"]["default"]
        status = "INACTIVE" if destroyed else "ACTIVE"
        wrong = [one.email for one in self.people if not _is_live(one, users.get(one.email), status)]
        lacking = [one.company_id for one in self.companies if one.company_id.lower() not in companies]
        return wrong + lacking


def _is_live(person: Person, user: Mapping[str, Any] | None, status: str) -> bool:
    if user is None or user["status"] != status:
        return False
    # What access a deactivated user is left with is each peer's own business: it opens nothing.
    return status == "INACTIVE" or (
        sorted(user["accounts"]) == [FIRST_ACCOUNT, SECOND_ACCOUNT] and user["type"] == person.type
    )
