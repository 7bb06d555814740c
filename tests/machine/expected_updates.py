"""What must be there after an update that began with a refresh, one object at a time: the contract as a small model.

Knows what was applied before, what is declared now and what was there in between. It knows no engine and no API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from random_declarations import INITIAL

if TYPE_CHECKING:
    from random_declarations import Company, Person

Live = dict[str, Any]


def person_after(live: Live | None, applied: Person | None, declared: Person | None) -> Live | None:
    """Return the user as it must be after the update."""
    if declared is None:
        return {**live, "status": "INACTIVE"} if applied and live else live
    if live is None:
        return _newborn(declared)
    ends_off = _is_switched_off(live, applied) and declared.status == "ACTIVE"
    status = "INACTIVE" if ends_off else declared.status
    is_left_off = ends_off and _is_continued(applied, declared)  # else the old resource's delete takes it back
    accounts = _accounts_after(live, applied, declared, is_reset=not is_left_off and _is_reset(live, applied, declared))
    return {**live, "type": declared.type, "status": status, "accounts": sorted(accounts)}


def _newborn(declared: Person) -> Live:
    return {
        "email": declared.email,
        "first_name": "Pat",
        "last_name": str(declared.slot),
        "type": declared.type,
        "view": "COMPLETE",
        "sso_access": False,
        "status": declared.status,
        "accounts": sorted({INITIAL} | declared.accounts),
    }


def _is_continued(applied: Person | None, declared: Person) -> bool:
    """Say whether the engine sees the user that it knows, and not a new one and an old one to delete."""
    return applied is not None and (declared.is_aliased or applied.urn() == declared.urn())


def _is_switched_off(live: Live, applied: Person | None) -> bool:
    return applied is not None and applied.status == "ACTIVE" and live["status"] == "INACTIVE"


def _is_reset(live: Live, applied: Person | None, declared: Person) -> bool:
    """Say whether the user is reactivated, so that nothing it held before comes back with it."""
    if live["status"] == "ACTIVE":
        return False
    if _is_continued(applied, declared):
        return declared.status == "ACTIVE"
    return (declared.status, declared.type) != ("INACTIVE", live["type"])


def _accounts_after(live: Live, applied: Person | None, declared: Person, *, is_reset: bool) -> set[int]:
    before = {INITIAL} | declared.accounts if is_reset else set(live["accounts"])
    if declared.is_exclusive and (is_reset or _is_list_written(live, applied, declared)):
        return set(declared.listed)
    held = before if declared.is_exclusive else before | _granted(live, applied, declared)
    if applied is None or not _is_continued(applied, declared):
        return held  # access that goes with its user is never asked for
    return held - _taken(live, applied, declared, held)


def _kept(applied: Person | None, declared: Person) -> dict[str, frozenset[int]]:
    """Return the access resources that the engine knows already."""
    known = applied.access_urns() if applied else {}
    if (
        applied
        and declared.is_aliased
        and (applied.grants_spot, declared.grants_spot.parent)
        == (
            declared.grants_spot,
            "user",
        )
    ):
        return {urn: accounts for urn, accounts in declared.access_urns().items() if accounts in known.values()}
    return {urn: known[urn] for urn in declared.access_urns() if urn in known}


def _granted(live: Live, applied: Person | None, declared: Person) -> set[int]:
    """Return what single grants add: access that a refresh finds missing, but an INACTIVE user's is never drift."""
    known = _kept(applied, declared) if live["status"] == "INACTIVE" else {}
    return {account for urn, accounts in declared.access_urns().items() if urn not in known for account in accounts}


def _is_list_written(live: Live, applied: Person | None, declared: Person) -> bool:
    kept = bool(applied and applied.is_exclusive and _kept_list(applied, declared))
    return live["status"] == "ACTIVE" or not kept or (applied is not None and applied.listed != declared.listed)


def _kept_list(applied: Person, declared: Person) -> bool:
    if declared.is_aliased and (applied.grants_spot, declared.grants_spot.parent) == (declared.grants_spot, "user"):
        return True
    return applied.access_urns().keys() == declared.access_urns().keys()


def _taken(live: Live, applied: Person, declared: Person, held: set[int]) -> set[int]:
    """Return what goes with access resources that are no longer declared."""
    if not applied.is_exclusive:
        return set() if declared.is_exclusive else set(applied.accounts - declared.accounts)
    if declared.is_exclusive:
        return set()
    recorded = set(live["accounts"]) if live["status"] == "ACTIVE" else set(applied.listed)
    taken = (recorded & held) - declared.accounts
    return taken - {INITIAL} if taken == held else taken


def company_after(live: Live | None, applied: Company | None, declared: Company | None) -> Live | None:
    """Return the company as it must be after the update."""
    if declared is None:
        is_closed = applied is not None and live is not None and applied.on_destroy == "disable_page"
        return {**live, "page_enabled": False} if is_closed and live else live
    if live is None:
        page = declared.page_enabled is not False
        return {"id": declared.company_id, "name": declared.name, "page_enabled": page}
    name = live["name"] if declared.name is None else declared.name
    page = live["page_enabled"] if declared.page_enabled is None else declared.page_enabled
    return {**live, "name": name, "page_enabled": page}
