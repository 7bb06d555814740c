"""How a state names the kinds of resources: type token and provider, as an `up` of this very SDK would write them.

For what writes stored resources without a program: the import file of `adopt`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_conduit import provider
from pulumi_conduit.program.account_access import UserAccountAccess
from pulumi_conduit.program.company import Company
from pulumi_conduit.program.conductor_user import ConductorUser

__all__ = ["COMPANY", "GRANT", "USER", "RecordedKind"]


class RecordedKind(NamedTuple):
    """A kind of resource, as states have it."""

    type: str
    provider: str

    def properties(self, known: dict[str, Any]) -> dict[str, Any]:
        """Return properties with the entry by which the engine finds the provider."""
        return {"__provider": self.provider, **known}


USER = RecordedKind(ConductorUser.type_token(), str(serialize_provider(provider.ConductorUser())))
GRANT = RecordedKind(UserAccountAccess.type_token(), str(serialize_provider(provider.AccountAccess())))
COMPANY = RecordedKind(Company.type_token(), str(serialize_provider(provider.Company())))
