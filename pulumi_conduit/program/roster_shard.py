"""A stack's shard of a roster: the resource that keeps it in state, and the record of the other shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.enums import CompanyDestroy, UserConflict
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.declaration_log import log_other_stacks
from pulumi_conduit.program.dynamic_resource import ConduitResource, require_plain
from pulumi_conduit.roster import CompanyRow, DeclaredRoster, Shard, split
from pulumi_conduit.roster.nodes import Problems

__all__ = ["RosterPart", "RosterShard", "configured_shard"]


class RosterShard(ConduitResource, module="conduit", name="RosterShard"):
    """One shard of a roster that is split into several stacks."""

    index: pulumi.Output[int]
    """The index of the shard, from 0."""
    count: pulumi.Output[int]
    """The number of shards."""
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
        """Record for the provider process what is in other stacks, and declare the shard.

        :raises InvalidInputError: if that fails, because a person who moves to another stack would lose access.
        """
        if not log_other_stacks(resource_name, profile, elsewhere):
            raise InvalidInputError(
                f"{escaped(resource_name, 80)}: a split roster must record for the provider which people are in other"
                " stacks, and the run file cannot be created with this SDK; use a tested version of pulumi"
            )
        arguments = {"index": index, "count": count, "label": label, "reshard_from": reshard_from}
        super().__init__(provider.RosterShard(), resource_name, arguments, (), opts)


_NEVER_MOVES = (
    "on_destroy: must be retain or disable_page where a roster is split into several stacks: a company with 'error' is"
    " protected and could not move between them"
)


def configured_shard() -> Shard | None:
    """Return the shard in stack config, if any."""
    config = pulumi.Config("conduit")
    text = config.get("shard")
    return Shard.parse(text, config.get("reshardFrom")) if text else None


@dataclass(frozen=True)
class RosterPart:
    """The rows of this stack and those of others; without a shard, all are here."""

    shard: Shard | None
    here: DeclaredRoster
    elsewhere: DeclaredRoster

    @classmethod
    def of(cls, roster: DeclaredRoster, shard: Shard | None) -> RosterPart:
        """Split a roster.

        :raises InvalidInputError: if rows lack the label of the split, or could not move.
        """
        if shard is None:
            return cls(None, roster, DeclaredRoster((), ()))
        _refuse_protected(roster.companies)
        here, elsewhere = split(roster, shard)
        return cls(shard, _without_reactivation(here), elsewhere)

    def declare(self, roster: str, profile: Any, opts: pulumi.ResourceOptions) -> None:
        """Declare the shard resource, before its rows."""
        if self.shard is None:
            return
        RosterShard(
            f"{roster}-shard",
            opts,
            index=self.shard.index,
            count=self.shard.count,
            label=self.shard.label,
            reshard_from=self.shard.former_split,
            profile=require_plain(roster, "profile", profile, "") or None,
            elsewhere=self._elsewhere(self.shard),
        )

    def _elsewhere(self, shard: Shard) -> dict[str, Any]:
        people, companies = self.elsewhere.people, self.elsewhere.companies
        return {
            "people": {one.key: [f"{shard.home(one)}/{shard.count}", one.accounts, one.is_exclusive] for one in people},
            "companies": {one.key: f"{shard.home(one)}/{shard.count}" for one in companies},
        }


def _without_reactivation(roster: DeclaredRoster) -> DeclaredRoster:
    """Return rows with `on_conflict` `error` by default, so that a reactivation must be declared in the row.

    A person who moves here INACTIVE may have been deactivated outside Pulumi.
    """
    default = UserConflict.ERROR.value
    people = (replace(one, on_conflict=one.on_conflict or default) for one in roster.people)
    return replace(roster, people=tuple(people))


def _refuse_protected(companies: tuple[CompanyRow, ...]) -> None:
    """Refuse companies that the engine would protect, because they could not move to another stack."""
    problems = Problems()
    for one in companies:
        if one.on_destroy in (None, CompanyDestroy.ERROR.value):
            problems.add(one.at, _NEVER_MOVES)
    problems.refuse_any()
