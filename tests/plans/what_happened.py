"""What an update did to people and companies, by what the API held before and after it; and whether a report said so.

Knows no program and no plan. Access is what an ACTIVE user reaches: accounts of an INACTIVE one are none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Happened", "compare_worlds", "unsaid"]

World = dict[str, dict[str, Any]]
Report = dict[str, Any]
_NOBODY: dict[str, Any] = {"status": None, "type": None, "accounts": []}
_CLOSED: dict[str, Any] = {"name": None, "page_enabled": False}


@dataclass
class Happened:
    """Who, by email or company id, for each thing that may happen; access as pairs of email and account."""

    people: dict[str, set[str]] = field(default_factory=dict)
    companies: dict[str, set[str]] = field(default_factory=dict)
    gained: set[tuple[str, int]] = field(default_factory=set)
    lost: set[tuple[str, int]] = field(default_factory=set)

    def count(self) -> int:
        """Return how many things happened."""
        named = [*self.people.values(), *self.companies.values()]
        return sum(map(len, named)) + len(self.gained) + len(self.lost)


def compare_worlds(before: World, after: World) -> Happened:
    """Return what happened between two looks at the API; users have a status, companies have none."""
    done = Happened()
    for key, new in after.items():
        if "page_enabled" in new:
            for what in _company(before.get(key, {}), new):
                done.companies.setdefault(what, set()).add(key)
        else:
            old = before.get(key, _NOBODY)
            for what in _person(old, new):
                done.people.setdefault(what, set()).add(key)
            done.gained |= {(key, account) for account in _access(new) - _access(old)}
            done.lost |= {(key, account) for account in _access(old) - _access(new)}
    return done


def _person(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    if old["status"] is None:
        yield "created"
        return
    if old["status"] != new["status"]:
        yield "reactivated" if new["status"] == "ACTIVE" else "deactivated"
    if old["type"] != new["type"]:
        yield "promoted" if new["type"] == "STANDARD" else "demoted"


def _company(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    if not old:
        yield "created"
        return
    if old["page_enabled"] != new["page_enabled"]:
        yield "page_opens" if new["page_enabled"] else "page_closes"
    if old["name"] != new["name"]:
        yield "named"


def _access(user: Mapping[str, Any]) -> set[int]:
    return set(user["accounts"]) if user["status"] == "ACTIVE" else set()


def unsaid(done: Happened, report: Report) -> list[str]:
    """Return everything that happened and is not in the report, by name and account."""
    faults = [
        f"{who} is {what}, and the report does not say so"
        for kind, key, happened in (("people", "email", done.people), ("companies", "company_id", done.companies))
        for what, whom in happened.items()
        for who in whom - {one[key].lower() for one in report[kind] if what in one["happens"]}
    ]
    faults += [f"{who} gains {one}, unsaid" for who, one in done.gained - _pairs(report, "gains")]
    everything = {one["email"] for one in report["people"] if "deactivated" in one["happens"]}
    lost = {(who, one) for who, one in done.lost if who not in everything}
    faults += [f"{who} loses {one}, unsaid" for who, one in lost - _pairs(report, "loses")]
    return sorted(faults + _undercounted(done, report, lost))


def _pairs(report: Report, key: str) -> set[tuple[str, int]]:
    return {(one["email"], account["account_id"]) for one in report["people"] for account in one[key]}


def _undercounted(done: Happened, report: Report, lost: set[tuple[str, int]]) -> list[str]:
    """Return every limit that counts less than what happened."""
    happened = {
        "deactivations": done.people.get("deactivated", set()),
        "reactivations": done.people.get("reactivated", set()),
        "promotions": done.people.get("promoted", set()),
        "demotions": done.people.get("demoted", set()),
        "created": done.people.get("created", set()),
        "gaining": {who for who, _ in done.gained},
        "losing": {who for who, _ in lost},
        "revocations": lost,
    }
    counts = report["counts"]
    short = {name: len(whom) for name, whom in happened.items() if counts[name] < len(whom)}
    return [f"{name} counts {counts[name]}, and {number} happened" for name, number in short.items()]
