"""`RosterShard`: which part of a roster a stack has, as the state keeps it; `Roster` declares it, programs do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.declaration_log import note_elsewhere
from pulumi_conduit.program.dynamic_resource import ConduitResource

__all__ = ["RosterShard"]


class RosterShard(ConduitResource, module="conduit", name="RosterShard"):
    """One part of a roster that is split into several stacks."""

    index: pulumi.Output[int]
    """Which part, counted from 0."""
    count: pulumi.Output[int]
    """Into how many parts the roster is split."""
    label: pulumi.Output[str | None]
    """The label that it is split by, if any."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        index: int,
        count: int,
        label: str | None = None,
        reshard_from: str | None = None,
        profile: str | None = None,
        elsewhere: Mapping[str, Any],
    ) -> None:
        """Tell the provider process what is elsewhere, and declare the part.

        :raises InvalidInputError: where it cannot be told, for then whoever moves to another stack would lose access.
        """
        if not note_elsewhere(resource_name, profile, elsewhere):
            raise InvalidInputError(
                f"{escaped(resource_name, 80)}: a roster that is split must tell the provider who is in other stacks,"
                " and no way to it is known here; use a version of pulumi that this release was tried with"
            )
        arguments = {"index": index, "count": count, "label": label, "reshard_from": reshard_from}
        super().__init__(provider.RosterShard(), resource_name, arguments, (), opts)
