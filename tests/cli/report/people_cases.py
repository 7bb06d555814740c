"""Cases about people and what they reach."""

from __future__ import annotations

from typing import Any

from plan_case import PlanCase

__all__ = ["PEOPLE", "people_who_are_there"]


def people_who_are_there(sandbox: Any) -> None:
    """Put people into the sandbox that no program made."""
    sandbox.conductor.put_user("ada@acme.example", first_name="Ada", last_name="Example", accounts=[1, 2])
    sandbox.conductor.put_user("alan@acme.example", first_name="Alan", last_name="Example", status="INACTIVE")
    sandbox.conductor.put_user("edsger@acme.example", first_name="Edsger", last_name="Example", accounts=[1])
    sandbox.conductor.put_user("joan@acme.example", first_name="Joan", last_name="Example", accounts=[1, 2, 3, 99])
    sandbox.link.put_company("OLD", name="Old")


_REPLACED_BEFORE = """
ada = person("ada")
grant(ada, 2)
grace = person("grace")
grant(grace, 2, "grace-extra")
conduit.Company("acme", company_id="ACME", name="Acme", on_destroy="retain")
"""
_REPLACED_AFTER = """
ada = person("ada", email="countess@acme.example")
grant(ada, 2)
grace = person("grace")
grant(grace, 3, "grace-extra")
conduit.Company("acme", company_id="ACMETWO", name="Acme", on_destroy="retain")
"""

PEOPLE: dict[str, PlanCase] = {
    "onboarding": PlanCase(
        """
        conduit.Company("acme", company_id="ACME", name="Acme", page_enabled=False, on_destroy="retain")
        conduit.Company("open", company_id="OPEN", on_destroy="retain")
        ada = person("ada", type="STANDARD", accounts=[1, 2])
        grant(ada, 2)
        grace = person("grace")
        whole(grace, [1, 3])
        person("alan", status="INACTIVE")
        """
    ),
    "taken over": PlanCase(
        """
        grant(person("ada"), 2)
        alan = person("alan", accounts=[2])
        grant(alan, 3)
        person("edsger", type="STANDARD", on_conflict="adopt")
        joan = person("joan")
        whole(joan, [1, 4])
        conduit.Company("old", company_id="OLD", name="Old", on_destroy="retain")
        """,
        seed=people_who_are_there,
    ),
    "renamed": PlanCase(
        """
        ada = person("countess", email="ada@acme.example", first_name="Ada", opts=ResourceOptions(parent=Team("t")))
        grant(ada, 2)
        grace = person("grace")
        whole(grace, [1, 2], "grace-list")
        conduit.Company("acme-corp", company_id="ACME", name="Acme", on_destroy="retain")
        """,
        """
        ada = person("ada")
        grant(ada, 2)
        grace = person("grace")
        whole(grace, [1, 2])
        conduit.Company("acme", company_id="ACME", name="Acme", on_destroy="retain")
        """,
    ),
    "renamed by alias": PlanCase(
        'person("countess", email="ada@acme.example", first_name="Ada", opts=ResourceOptions(aliases=[Alias("ada")]))',
        'person("ada")',
    ),
    "replaced": PlanCase(_REPLACED_AFTER, _REPLACED_BEFORE),
    "leavers": PlanCase(
        """
        barbara = person("barbara")
        grant(barbara, 3)
        joan = person("joan")
        """,
        """
        ada = person("ada")
        grant(ada, 2)
        grant("ada@acme.example", 3)
        grace = person("grace", on_destroy="retain")
        grant(grace, 2)
        alan = person("alan", status="INACTIVE")
        grant(alan, 2)
        edsger = person("edsger")
        whole(edsger, [1, 2])
        barbara = person("barbara")
        grant(barbara, 2)
        grant(barbara, 3)
        joan = person("joan")
        whole(joan, [1, 2])
        kept = person("kept", opts=ResourceOptions(retain_on_delete=True))
        grant(kept, 2)
        conduit.Company("shut", company_id="SHUT", on_destroy="disable_page")
        conduit.Company("left", company_id="LEFT", on_destroy="retain")
        """,
    ),
    "switched": PlanCase(
        """
        person("ada", type="READ_ONLY")
        person("grace", type="STANDARD")
        alan = person("alan", status="INACTIVE")
        grant(alan, 2)
        barbara = person("barbara", type="STANDARD", status="ACTIVE")
        grant(barbara, 2)
        grant(barbara, 3)
        """,
        """
        person("ada", type="STANDARD")
        person("grace", type="READ_ONLY")
        alan = person("alan")
        grant(alan, 2)
        barbara = person("barbara", status="INACTIVE")
        grant(barbara, 2)
        """,
    ),
    "lists": PlanCase(
        """
        ada = person("ada")
        whole(ada, [1, 2, 4])
        grace = person("grace")
        whole(grace, [1, 2])
        alan = person("alan")
        grant(alan, 2)
        """,
        """
        ada = person("ada")
        whole(ada, [1, 2, 3])
        grace = person("grace")
        grant(grace, 2)
        grant(grace, 3)
        alan = person("alan")
        whole(alan, [1, 2, 3])
        """,
    ),
    "imported": PlanCase(
        """
        ada = person("ada", opts=ResourceOptions(import_="ada@acme.example"))
        grant("ada@acme.example", 2, opts=ResourceOptions(import_="ada@acme.example:2"))
        conduit.Company("old", company_id="OLD", name="Old", opts=ResourceOptions(import_="old"), on_destroy="retain")
        """,
        seed=people_who_are_there,
    ),
    "renamed and dropped": PlanCase(
        """
        ada = person("countess", email="ada@acme.example", first_name="Ada", type="STANDARD", on_conflict="adopt")
        grant(ada, 2)
        """,
        """
        ada = person("ada")
        grant(ada, 2)
        grant(ada, 3)
        """,
    ),
    "brought back by a rename": PlanCase(
        'grant(person("countess", email="ada@acme.example", first_name="Ada"), 3)',
        'grant(person("ada"), 2)',
        outside=lambda sandbox: sandbox.conductor.edit_user("ada@acme.example", status="INACTIVE"),
    ),
    "all steps of a replacement": PlanCase(
        _REPLACED_AFTER, _REPLACED_BEFORE, command=("preview", "--show-sames", "--show-replacement-steps")
    ),
    "left of a failed run": PlanCase(
        _REPLACED_AFTER,
        _REPLACED_BEFORE,
        failed=lambda sandbox: sandbox.faults.add("PUT /users/{userEmail}/status", status=403, body={"message": "No."}),
        command=("preview", "--show-replacement-steps"),
    ),
}
