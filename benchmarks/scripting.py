"""What a script does for each workload; whether one call after the other or in threads is the peer's choice.

A script has no state: `no-op`, `refresh` and both previews look at everything, and say what differs. It creates
blindly, and gives each user both accounts in the one call that creates it: the least that anything could do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from benchmarks.declared import FIRST_ACCOUNT, SECOND_ACCOUNT, Declared
from benchmarks.formulas import CHANGES, COMPANIES, ONCE, USERS, CallTable

if TYPE_CHECKING:
    from benchmarks.bare import Bare

__all__ = ["CALLS", "Each", "run"]

CALLS: CallTable = {
    "up": {"POST /login": ONCE, "POST /users": USERS, "POST /link/company/": COMPANIES},
    "no-op": {"POST /login": ONCE, "GET /users": ONCE, "GET /link/company/{id}/": COMPANIES},
    "preview": {"POST /login": ONCE, "GET /users": ONCE, "GET /link/company/{id}/": COMPANIES},
    "preview-change": {"POST /login": ONCE, "GET /users": ONCE, "GET /link/company/{id}/": COMPANIES},
    "refresh": {"POST /login": ONCE, "GET /users": ONCE, "GET /link/company/{id}/": COMPANIES},
    "change": {"POST /login": ONCE, "PUT /users/{userEmail}/type": CHANGES},
    "destroy": {"POST /login": ONCE, "PUT /users/{userEmail}/status": USERS},
}

Each = Callable[[Callable[[Any], None], Iterable[Any]], None]
"""Does something to each of some things."""


def run(workload: str, client: Bare, each: Each) -> None:
    """Run one workload on what the environment says is declared."""
    declared = Declared.here()
    _WORKLOADS[workload](declared, client, each)


def _up(declared: Declared, client: Bare, each: Each) -> None:
    each(
        lambda person: client.conductor("POST", "/users", person.as_json(FIRST_ACCOUNT, SECOND_ACCOUNT)),
        declared.people,
    )
    each(
        lambda company: client.link("POST", "/link/company/", {"id": company.company_id, "name": company.name}),
        declared.companies,
    )


def _look(declared: Declared, client: Bare, each: Each) -> None:
    if different := _compare(declared, client, each):
        raise SystemExit(f"not as declared: {', '.join(different)}")


def _preview(declared: Declared, client: Bare, each: Each) -> None:
    if len(_compare(declared, client, each)) != declared.changed:
        raise SystemExit("not what was changed")


def _compare(declared: Declared, client: Bare, each: Each) -> list[str]:
    listed = {user["email"]: user for user in client.conductor("GET", "/users")}
    different = [one.email for one in declared.people if listed.get(one.email, {}).get("type") != one.type]
    each(lambda company: client.link("GET", f"/link/company/{company.company_id}/"), declared.companies)
    return different


def _change(declared: Declared, client: Bare, each: Each) -> None:
    each(
        lambda person: client.conductor("PUT", f"/users/{person.email}/type", {"type": person.type}),
        declared.people[: declared.changed],
    )


def _destroy(declared: Declared, client: Bare, each: Each) -> None:
    each(
        lambda person: client.conductor("PUT", f"/users/{person.email}/status", {"status": "INACTIVE"}),
        declared.people,
    )


_WORKLOADS: dict[str, Callable[[Declared, Bare, Each], None]] = {
    "up": _up,
    "no-op": _look,
    "preview": _preview,
    "preview-change": _preview,
    "refresh": _look,
    "change": _change,
    "destroy": _destroy,
}
