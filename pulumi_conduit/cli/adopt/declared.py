"""What a roster or a program has to say of a person or a company, by the names that both know: no more than is needed.

What equals a default is left unsaid, for that is what a reader would do, and the normal form is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.resources.company.handler import CompanyHandler
from pulumi_conduit.resources.conductor_user.handler import ConductorUserHandler
from pulumi_conduit.resources.serialization import snake_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.resources.company.model import CompanyState
    from pulumi_conduit.resources.conductor_user.model import ConductorUserState
    from pulumi_conduit.resources.fields import Field

__all__ = ["company_arguments", "person_arguments"]


def person_arguments(person: ConductorUserState) -> dict[str, Any]:
    """Return what a program says of a person, but for the profile."""
    return _said(ConductorUserHandler.fields, person.inputs())


def company_arguments(company: CompanyState) -> dict[str, Any]:
    """Return what a program says of a company, but for the profile."""
    return _said(CompanyHandler.fields, company.inputs())


def _said(fields: Mapping[str, Field], inputs: Mapping[str, Any]) -> dict[str, Any]:
    names = (name for name in fields if name in inputs and name != "profile" and inputs[name] != fields[name].default)
    return {snake_case(name): inputs[name] for name in names}
