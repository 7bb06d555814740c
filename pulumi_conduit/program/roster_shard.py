"""The part of a roster that a stack has: the resource that keeps it in state, and what is recorded of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.enums import CompanyDestroy, UserConflict
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.declaration_log import log_other_stacks
from pulumi_conduit.program.dynamic_resource import ConduitResource, plain_word
from pulumi_conduit.roster import CompanyRow, DeclaredRoster, Shard, split
from pulumi_conduit.roster.nodes import Problems

__all__ = ["RosterPart", "RosterShard", "configured_shard"]


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
        if not log_other_stacks(resource_name, profile, elsewhere):
            raise InvalidInputError(
                f"{escaped(resource_name, 80)}: a roster that is split must tell the provider who is in other stacks,"
                " and no way to it is known here; use a version of pulumi that this release was tried with"
            )
        arguments = {"index": index, "count": count, "label": label, "reshard_from": reshard_from}
        super().__init__(provider.RosterShard(), resource_name, arguments, (), opts)


_NEVER_MOVES = (
    "on_destroy: must be retain or disable_page where a roster is split into several stacks: a company under 'error' is"
    " protected and could never move between them"
)


def configured_shard() -> Shard | None:
    """Return the part that stack config says this stack has."""
    config = pulumi.Config("conduit")
    text = config.get("shard")
    return Shard.parse(text, config.get("reshardFrom")) if text else None


@dataclass(frozen=True)
class RosterPart:
    """What belongs here and what belongs elsewhere; without a shard, all of it is here."""

    shard: Shard | None
    here: DeclaredRoster
    elsewhere: DeclaredRoster

    @classmethod
    def of(cls, roster: DeclaredRoster, shard: Shard | None) -> RosterPart:
        """Split a roster.

        :raises InvalidInputError: where rows lack the label that they are split by, or could never move.
        """
        if shard is None:
            return cls(None, roster, DeclaredRoster((), ()))
        _refuse_protected(roster.companies)
        here, elsewhere = split(roster, shard)
        return cls(shard, _bringing_nobody_back(here), elsewhere)

    def declare(self, roster: str, profile: Any, opts: pulumi.ResourceOptions) -> None:
        """Declare the part itself, before anything in it."""
        if self.shard is None:
            return
        RosterShard(
            f"{roster}-shard",
            opts,
            index=self.shard.index,
            count=self.shard.count,
            label=self.shard.label,
            reshard_from=self.shard.former_split,
            profile=plain_word(roster, "profile", profile, "") or None,
            elsewhere=self._elsewhere(self.shard),
        )

    def _elsewhere(self, shard: Shard) -> dict[str, Any]:
        people, companies = self.elsewhere.people, self.elsewhere.companies
        return {
            "people": {one.key: [f"{shard.home(one)}/{shard.count}", one.accounts, one.is_exclusive] for one in people},
            "companies": {one.key: f"{shard.home(one)}/{shard.count}" for one in companies},
        }


def _bringing_nobody_back(roster: DeclaredRoster) -> DeclaredRoster:
    """Return a part in which a comeback must be said in the row.

    Who moves here INACTIVE was switched off outside, for all that this stack can know.
    """
    unsaid = UserConflict.ERROR.value
    people = (replace(one, on_conflict=one.on_conflict or unsaid) for one in roster.people)
    return replace(roster, people=tuple(people))


def _refuse_protected(companies: tuple[CompanyRow, ...]) -> None:
    """Refuse companies that the engine would protect: those could not move to another stack."""
    problems = Problems()
    for one in companies:
        if one.on_destroy in (None, CompanyDestroy.ERROR.value):
            problems.add(one.at, _NEVER_MOVES)
    problems.refuse_any()
