"""Ours: the package under measurement, as a program would use it, with 16 calls in flight."""

from __future__ import annotations

from benchmarks.declared import FIRST_ACCOUNT, SECOND_ACCOUNT, Declared
from benchmarks.formulas import CHANGES, COMPANIES, ONCE, USERS
from benchmarks.peer import Kind, Peer

__all__ = ["PEER", "declare"]

PEER = Peer(
    name="ours",
    what="pulumi_conduit, 16 calls in flight",
    kind=Kind.PULUMI,
    calls={
        "up": {
            "POST /login": ONCE,
            "GET /users": ONCE,
            "GET /accounts": ONCE,
            "GET /users/{userEmail}": USERS,
            "POST /users": USERS,
            "PUT /users/{userEmail}/accounts": USERS,
            "GET /link/company/{id}/": COMPANIES,
            "POST /link/company/": COMPANIES,
        },
        "refresh": {"POST /login": ONCE, "GET /users": ONCE, "GET /link/company/{id}/": COMPANIES},
        "change": {"POST /login": ONCE, "PUT /users/{userEmail}/type": CHANGES},
        "destroy": {"POST /login": ONCE, "PUT /users/{userEmail}/status": USERS},
    },
)


def declare() -> None:
    """Declare everything in the program that is running."""
    import pulumi_conduit as conduit  # noqa: PLC0415 - the formula is read without it

    declared = Declared.here()
    for person in declared.people:
        user = conduit.ConductorUser(
            person.email,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            type=person.type,
            initial_accounts=[FIRST_ACCOUNT],
        )
        conduit.UserAccountAccess(f"{person.email}-grant", user=user, account_id=SECOND_ACCOUNT)
    for company in declared.companies:
        conduit.Company(company.company_id, company_id=company.company_id, name=company.name, on_destroy="retain")
