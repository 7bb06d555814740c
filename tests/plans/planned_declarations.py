"""What a random program of plans declares: people and companies of the machine, with all options of resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from random_declarations import INITIAL, Company, Person

__all__ = ["PEOPLE", "Options", "PlannedCompany", "PlannedPerson"]

PEOPLE = 3
"""Slots beyond these are the same people, seen by a second identity."""
SECOND_PROFILE = "c"

Options = dict[str, Any]


@dataclass(frozen=True)
class PlannedPerson(Person):
    """A person whose resources have odd names, options, a profile, or are read only.

    `form` is `managed`, `read` (`X.get`), `imported` or `absent` (access without its user).
    """

    style: str = "{}"
    address: str = ""
    initial: tuple[int, ...] = (INITIAL,)
    on_destroy: str = "deactivate"
    on_conflict: str = "adopt"
    profile: str | None = None
    form: str = "managed"
    access_form: str = "managed"
    is_linked: bool = True
    options: Options = field(default_factory=dict)
    access_options: Options = field(default_factory=dict)

    @property
    def email(self) -> str:
        """The address, which two slots may share."""
        return f"person-{self.slot % PEOPLE}{self.address}@acme.example"

    @property
    def label(self) -> str:
        """The name in the program."""
        return self.style.format(super().label)

    @property
    def access_prefix(self) -> str:
        """The beginning of the names of grants and lists."""
        return self.style.format(super().access_prefix)

    @property
    def listed(self) -> frozenset[int]:
        """Everything that the access resources name; a list has the first initial account."""
        return self.accounts | set(self.initial[:1]) if self.is_exclusive else self.accounts

    @property
    def _profile(self) -> str | None:
        return SECOND_PROFILE if self.slot >= PEOPLE else self.profile

    def records(self, before: Person | None) -> list[dict[str, Any]]:
        """Return what the program reads."""
        user, *access = super().records(before)
        shown = [] if self.form == "absent" else [self._user(user)]
        return [*shown, *(self._access_record(one) for one in access)]

    def _user(self, record: dict[str, Any]) -> dict[str, Any]:
        declared = {
            "last_name": str(self.slot % PEOPLE),
            "initial_accounts": list(self.initial),
            "on_conflict": self.on_conflict,
            "on_destroy": self.on_destroy,
        }
        record["args"] |= {**declared, "profile": self._profile}
        return _optioned(record, self.options, self.form, self.email)

    def _access_record(self, record: dict[str, Any]) -> dict[str, Any]:
        record["args"]["profile"] = self._profile
        account = record["args"].get("account_id")
        if not self.is_linked or self.form == "absent":
            del record["user"]
            record["args"]["user"] = self.email
        if self.form == "absent" and self.grants_spot.parent == "user":
            record["parent"] = ""
        key = self.email if account is None else f"{self.email}:{account}"
        return _optioned(record, self.access_options, self.access_form, key)


@dataclass(frozen=True)
class PlannedCompany(Company):
    """A company whose resource has an odd name, options, or is read only."""

    style: str = "{}"
    form: str = "managed"
    options: Options = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name in the program."""
        return self.style.format(super().label)

    def records(self, before: Company | None) -> list[dict[str, Any]]:
        """Return what the program reads."""
        return [_optioned(one, self.options, self.form, self.company_id) for one in super().records(before)]


def _optioned(record: dict[str, Any], options: Options, form: str, key: str) -> dict[str, Any]:
    """Return a record with its options, read or imported by its key where its form says so."""
    given = dict(options)
    needed = given.pop("depends_on", [])
    if form == "read":
        kept = {"profile": record["args"]["profile"]} if "profile" in record["args"] else {}
        record.pop("user", None)
        return {**record, "args": kept, "read": key, "depends_on": needed}
    imported = {"import_": key} if form == "imported" else {}
    return {**record, "options": {**given, **imported}, "depends_on": needed}
