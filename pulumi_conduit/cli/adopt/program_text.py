"""A tenant as a Python program, and the program that declares a roster.

Whatever comes from the APIs is written as a literal, by `repr`, or in a comment that cannot end before its line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.adopt.comments import account_lines
from pulumi_conduit.cli.adopt.declared import company_arguments, person_arguments
from pulumi_conduit.cli.adopt.inventory import grants_of
from pulumi_conduit.roster.naming import resource_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState

__all__ = ["program_text", "roster_program_text"]

_HEAD = '''\
"""People, their access, and companies, as `pulumi-conduit adopt` found them."""

import pulumi_conduit as conduit
'''


def roster_program_text(component: str, path: str, profile: str | None) -> str:
    """Return the program whose only resource is a roster, at a path from the program's folder."""
    more = "" if profile is None else f", profile={profile!r}"
    return f"{_HEAD}\nconduit.Roster({component!r}, {path!r}{more})\n"


def program_text(inventory: Inventory) -> str:
    """Return the program that declares everybody one by one."""
    parts = [_HEAD, "\n" if inventory.account_names else "", account_lines(inventory)]
    parts += [f"\n{_person(one, inventory.profile)}" for one in inventory.people]
    parts += [f"\n{_company(one, inventory.profile)}" for one in inventory.companies]
    return "".join(parts)


def _person(person: ConductorUserState, profile: str | None) -> str:
    said = person_arguments(person)
    return "person = " + _call("ConductorUser", person.email, said, profile) + "".join(_grants(person))


def _grants(person: ConductorUserState) -> Iterator[str]:
    for grant in grants_of(person):
        name = resource_name(grant.user, grant.account_id)
        yield f"conduit.UserAccountAccess({name!r}, user=person, account_id={grant.account_id})\n"


def _company(company: CompanyState, profile: str | None) -> str:
    return _call("Company", company.id, company_arguments(company), profile)


def _call(kind: str, name: str, arguments: Mapping[str, Any], profile: str | None) -> str:
    given = dict(arguments) if profile is None else {**arguments, "profile": profile}
    lines = [f"    {argument}={value!r},\n" for argument, value in given.items()]
    return f"conduit.{kind}(\n    {name!r},\n{''.join(lines)})\n"
