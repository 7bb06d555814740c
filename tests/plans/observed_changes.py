"""What an update did to people and companies, by what the API held before and after it; and whether a report said so.

Knows no program and no plan. Access is what an ACTIVE user reaches: accounts of an INACTIVE one are none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Happened", "Look", "compare", "is_known_to_nobody", "unsaid"]

World = dict[str, dict[str, Any]]
Report = dict[str, Any]
_NOBODY: dict[str, Any] = {"status": None, "type": None, "accounts": []}


@dataclass(frozen=True)
class Look:
    """What the API holds by email or company id, and the keys of what the state manages; access as `email:account`.

    `recorded_off` are the users whom the state calls INACTIVE.
    """

    world: World
    managed: set[str]
    listed: set[str]
    recorded_off: set[str]


@dataclass
class Happened:
    """Who, by email or company id, for each thing that may happen; gained and lost access as email and account."""

    people: dict[str, set[str]] = field(default_factory=dict)
    companies: dict[str, set[str]] = field(default_factory=dict)
    gained: set[tuple[str, int]] = field(default_factory=set)
    lost: set[tuple[str, int]] = field(default_factory=set)
    adopted: set[str] = field(default_factory=set)  # users and accesses that were there and are managed now
    left: set[str] = field(default_factory=set)  # ACTIVE users who are managed no more

    def count(self) -> int:
        """Return how many things happened."""
        named = [*self.people.values(), *self.companies.values()]
        return sum(map(len, named)) + len(self.gained) + len(self.lost)


def compare(before: Look, after: Look, hidden: Collection[int]) -> Happened:
    """Return what happened between two looks; users have a status, companies have a page.

    Left out is what no report can know: that somebody whom the state calls INACTIVE was ACTIVE when removed, and that
    somebody who is reactivated reaches accounts again that are `hidden` from the identity.
    """
    done, unknowable = Happened(), before.recorded_off - after.managed
    for key, new in after.world.items():
        if key in unknowable:
            continue
        is_company = "page_enabled" in new
        old = before.world.get(key, {} if is_company else _NOBODY)
        for what in (_company if is_company else _person)(old, new):
            (done.companies if is_company else done.people).setdefault(what, set()).add(key)
        unseen = hidden if old.get("status") == "INACTIVE" else ()
        done.gained |= {(key, account) for account in _access(new) - _access(old).union(unseen)}
        done.lost |= {(key, account) for account in _access(old) - _access(new)}
    done.adopted = {key for key in after.managed - before.managed - before.listed if _is_found(key, before.world)}
    done.left = {key for key in before.managed - after.managed if ":" not in key and _is_found(key, after.world)}
    return done


def is_known_to_nobody(refusal: str, before: Look) -> bool:
    """Say whether a limit may have stopped the removal of somebody whom the state calls INACTIVE and who was ACTIVE.

    That removal counts, and it may be another one that comes too late for the limit.
    """
    is_deactivation = "CONDUIT_MAX_DEACTIVATIONS" in refusal
    return is_deactivation and any(_is_found(email, before.world) for email in before.recorded_off)


def _is_found(key: str, world: World) -> bool:
    """Say whether an ACTIVE user, or its access to an account, is there."""
    email, _, account = key.partition(":")
    user = world.get(email, _NOBODY)
    return user.get("status") == "ACTIVE" and (not account or int(account) in user["accounts"])


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


def _access(one: Mapping[str, Any]) -> set[int]:
    return set(one["accounts"]) if one.get("status") == "ACTIVE" else set()


def unsaid(done: Happened, report: Report) -> list[str]:
    """Return everything that happened and is not in the report, by name and account.

    Left out are companies that are renamed, or said to be created and there already: no preview looks at either.
    """
    unseen = {"renamed", "created"}
    renamed = {one["company_id"].lower() for one in report["companies"] if unseen & set(one["happens"])}
    faults = [
        f"{who} is {what}, and the report does not say so"
        for kind, key, happened in (("people", "email", done.people), ("companies", "company_id", done.companies))
        for what, whom in happened.items()
        for who in whom - renamed - {one[key].lower() for one in report[kind] if what in one["happens"]}
    ]
    faults += [f"{who} gains {one}, unsaid" for who, one in done.gained - _pairs(report, "gains")]
    everything = {one["email"] for one in report["people"] if "deactivated" in one["happens"]}
    lost = {(who, one) for who, one in done.lost if who not in everything}
    faults += [f"{who} loses {one}, unsaid" for who, one in lost - _pairs(report, "loses", "may_lose") - _taken(report)]
    changed = {one["email"] for one in report["people"] if one["is_changed"]}
    faults += [f"{key} is no longer managed, unsaid" for key in done.left - changed]
    return sorted(faults + _undercounted(done, report, lost))


def _pairs(report: Report, *keys: str) -> set[tuple[str, int]]:
    listed = ((one["email"], account) for one in report["people"] for key in keys for account in one[key])
    return {(email, account["account_id"]) for email, account in listed}


def _taken(report: Report) -> set[tuple[str, int]]:
    """Return what is reported as taken from somebody whom the state calls INACTIVE, who may be ACTIVE by now."""
    off = [one for one in report["people"] if not one["was_active"] and not one["is_active"]]
    return {(one["email"], account) for one in off for account in one["revoked"]}


def _undercounted(done: Happened, report: Report, lost: set[tuple[str, int]]) -> list[str]:
    """Return every limit that counts less than what happened."""
    happened: dict[str, Collection[object]] = {
        "deactivations": done.people.get("deactivated", set()),
        "reactivations": done.people.get("reactivated", set()),
        "promotions": done.people.get("promoted", set()),
        "demotions": done.people.get("demoted", set()),
        "created": done.people.get("created", set()),
        "gaining": {who for who, _ in done.gained},
        "losing": {who for who, _ in lost - _taken(report)},
        "revocations": lost,
        "adoptions": done.adopted,
    }
    counts = report["counts"]
    short = {name: len(whom) for name, whom in happened.items() if counts[name] < len(whom)}
    return [f"{name} counts {counts[name]}, and {number} happened" for name, number in short.items()]
