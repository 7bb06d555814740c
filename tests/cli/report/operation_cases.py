"""Cases about what a plan can be: a roster's, a drift's, an unreadable one, an offline one, no plan at all."""

from __future__ import annotations

from typing import Any

from people_cases import people_who_are_there
from plan_case import PlanCase

__all__ = ["PLANS"]


def _edits_of_others(sandbox: Any) -> None:
    sandbox.conductor.edit_user("ada@acme.example", type="STANDARD")
    sandbox.conductor.edit_user("grace@acme.example", accounts=[1])
    sandbox.conductor.edit_user("alan@acme.example", status="INACTIVE")
    sandbox.conductor.edit_user("barbara@acme.example", status="ACTIVE")
    sandbox.conductor.edit_user("joan@acme.example", accounts=[1, 3])
    sandbox.link.edit_company("ACME", page_enabled=True)


_ROSTER = """\
defaults:
  companies: {on_destroy: retain}
groups:
  everybody: [1]
people:
"""
_ADA = "  - {email: ada@acme.example, first_name: Ada, last_name: Lovelace, type: %s, accounts: [%s]}\n"
_GRACE = "  - {email: grace@acme.example, first_name: Grace, last_name: Hopper, accounts: [1, 2]}\n"
_ALAN = "  - {email: alan@acme.example, first_name: Alan, last_name: Turing, accounts: [%s], access: exclusive}\n"
_JOAN = "  - {email: joan@acme.example, first_name: Joan, last_name: Clarke, accounts: [everybody, 4]}\n"
_ACME = "companies:\n  - {company_id: ACME, name: Acme Corporation, page_enabled: false}\n"

_BEFORE = _ROSTER + _ADA % ("READ_ONLY", "1, 2") + _GRACE + _ALAN % "1, 2, 3" + _ACME
_AFTER = _ROSTER + _ADA % ("STANDARD", "1, 5") + _ALAN % "1, 2, 3" + _JOAN + _ACME
_DRIFTED = """
person("ada")
grace = person("grace")
grant(grace, 2)
person("alan")
person("barbara", status="INACTIVE")
joan = person("joan")
whole(joan, [1, 2])
conduit.Company("acme", company_id="ACME", page_enabled=False, on_destroy="retain")
"""

PLANS: dict[str, PlanCase] = {
    "roster edit": PlanCase(
        'conduit.Roster("team", "roster.yaml")',
        'conduit.Roster("team", "roster.yaml")',
        files_before={"roster.yaml": _BEFORE},
        files_after={"roster.yaml": _AFTER},
    ),
    "nothing": PlanCase('person("ada")', 'person("ada")'),
    "companies": PlanCase(
        """
        conduit.Company("a", company_id="A", name="New name", on_destroy="retain")
        conduit.Company("b", company_id="B", page_enabled=True, on_destroy="retain")
        conduit.Company("c", company_id="C", page_enabled=False, on_destroy="retain")
        conduit.Company("d", company_id="D", on_destroy="disable_page")
        conduit.Company("e", company_id="e", name="Same", on_destroy="retain")
        """,
        """
        conduit.Company("a", company_id="A", name="Old name", on_destroy="retain")
        conduit.Company("b", company_id="B", page_enabled=False, on_destroy="retain")
        conduit.Company("c", company_id="C", page_enabled=True, on_destroy="retain")
        conduit.Company("d", company_id="D", on_destroy="retain")
        conduit.Company("e", company_id="E", name="Same", on_destroy="retain")
        """,
    ),
    "drift": PlanCase(_DRIFTED, _DRIFTED, outside=_edits_of_others, command=("preview", "--refresh")),
    "reads": PlanCase(
        """
        person("grace")
        conduit.ConductorUser.get("ada", "ada@acme.example")
        conduit.UserAccountAccess.get("ada-2", "ada@acme.example:2")
        conduit.UserAccountAccessExclusive.get("joan", "joan@acme.example")
        conduit.Company.get("old", "OLD")
        """,
        seed=people_who_are_there,
    ),
    "others": PlanCase(
        """
        Number("number", 2)
        Number("new")
        Team("team")
        person("ada")
        """,
        'Number("number", 1)',
    ),
    "offline": PlanCase(
        """
        ada = person("ada", type="STANDARD")
        grant(ada, 2)
        """,
        'person("grace")',
        environ={"CONDUIT_PREVIEW": "offline"},
    ),
    "without credentials": PlanCase(
        """
        ada = person("ada", type="STANDARD")
        grant(ada, 2)
        whole(person("grace"), [1, 2])
        conduit.Company("acme", company_id="ACME", on_destroy="retain")
        """,
        environ=dict.fromkeys(
            ("CONDUCTOR_URL", "CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD", "CONDUIT_LINK_APP_TOKEN"), ""
        ),
    ),
    "secret": PlanCase(
        """
        person("ada", email=Output.secret("ada@acme.example"), first_name="Ada")
        whole(person("grace"), Output.secret([1, 2]))
        conduit.Company("acme", company_id="ACME", name=Output.secret("Acme"), on_destroy="retain")
        """
    ),
    "secret outputs": PlanCase(
        """
        ada = person("ada", type="STANDARD", opts=ResourceOptions(additional_secret_outputs=["type", "email"]))
        grant(ada, 2)
        """,
        """
        ada = person("ada", opts=ResourceOptions(additional_secret_outputs=["type", "email"]))
        """,
    ),
    "unknown": PlanCase(
        """
        number = Number("number")
        ada = person("ada", email=number.answer)
        grant(ada, 2)
        whole(person("grace"), number.answer.apply(lambda _: [1, 2]))
        """
    ),
    "protected": PlanCase(
        "",
        """
        person("ada", opts=ResourceOptions(protect=True))
        conduit.Company("acme", company_id="ACME")
        """,
    ),
    "refused": PlanCase('person("ada", email="nobody")\nperson("grace")'),
    "broken program": PlanCase('person("ada")\nraise ValueError("no")'),
    "dropped reads": PlanCase(
        'person("grace")',
        """
        person("grace")
        conduit.ConductorUser.get("ada", "ada@acme.example")
        """,
        seed=people_who_are_there,
    ),
    "whole plan": PlanCase(
        'conduit.Roster("team", "roster.yaml")',
        'conduit.Roster("team", "roster.yaml")',
        files_before={"roster.yaml": _BEFORE},
        files_after={"roster.yaml": _AFTER},
        command=("preview", "--show-sames", "--show-replacement-steps"),
    ),
    "refreshed": PlanCase(_DRIFTED, _DRIFTED, outside=_edits_of_others, command=("refresh", "--preview-only")),
    "destroyed": PlanCase(
        destroyed := """
        ada = person("ada")
        grant(ada, 2)
        whole(person("grace"), [1, 2])
        Number("number")
        """,
        destroyed,
        command=("destroy", "--preview-only"),
    ),
}
