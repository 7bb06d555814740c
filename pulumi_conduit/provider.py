"""The five dynamic provider classes. STORED FORMAT: never move or rename what is here.

The engine stores each provider as a pickle by reference, at most 80 bytes of base64, in the inputs and outputs of every
resource, and reads and deletes with it years later. So this module's name and its class names are part of the stored
state, like ids and property names, and instances have no attributes.

A program only pickles these, so the API client is imported at the first call.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

__all__ = ["AccountAccess", "AccountList", "Company", "ConductorUser", "RosterShard"]

Properties = Mapping[str, Any]


class _Provider(ResourceProvider):
    """The provider protocol of one kind of resource; implemented in `server.dynamic_provider`."""

    serialize_as_secret_always = False
    """The provider holds no secret, so its pickle is stored in clear, the same in every state."""

    kind: ClassVar[str]

    def configure(self, req: ConfigureRequest) -> None:
        """Take the settings of this process."""
        _calls().configure(req.config)

    def check(self, olds: Properties, news: Properties) -> CheckResult:
        """Return the inputs in normal form, and every validation failure."""
        result: CheckResult = _calls().check(self.kind, olds, news)
        return result

    def diff(self, _id: str, olds: Properties, news: Properties) -> DiffResult:
        """Return whether the resource changes."""
        result: DiffResult = _calls().diff(self.kind, olds, news)
        return result

    def create(self, props: Properties) -> CreateResult:
        """Create the object, or adopt it."""
        result: CreateResult = _calls().create(self.kind, props)
        return result

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Return the actual state."""
        result: ReadResult = _calls().read(self.kind, id_, props)
        return result

    def update(self, _id: str, olds: Properties, news: Properties) -> UpdateResult:
        """Update the object to the declaration."""
        result: UpdateResult = _calls().update(self.kind, olds, news)
        return result

    def delete(self, _id: str, props: Properties) -> None:
        """Delete the object, as its `on_destroy` says."""
        _calls().delete(self.kind, props)


class Company(_Provider):
    """Drives `conduit:Company`."""

    kind = "company"


class ConductorUser(_Provider):
    """Drives `conduit:ConductorUser`."""

    kind = "user"


class AccountAccess(_Provider):
    """Drives `conduit:UserAccountAccess`."""

    kind = "grant"


class AccountList(_Provider):
    """Drives `conduit:UserAccountAccessExclusive`."""

    kind = "grant list"


class RosterShard(_Provider):
    """Drives `conduit:RosterShard`."""

    kind = "shard"


def _calls() -> ModuleType:
    from pulumi_conduit.server import dynamic_provider  # noqa: PLC0415 - see the module

    return dynamic_provider
