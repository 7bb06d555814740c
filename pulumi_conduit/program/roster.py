"""`Roster`: a component with the people, grants and companies of a file, or of a stack's shard of it.

The shard is a resource of its own, which keeps it in the state; what the other shards hold is recorded in the run file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import pulumi
from pulumi.runtime import get_root_resource

from pulumi_conduit import provider
from pulumi_conduit.enums import CompanyDestroy, UserConflict
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.account_access import UserAccountAccess, UserAccountAccessExclusive
from pulumi_conduit.program.company import Company
from pulumi_conduit.program.conductor_user import ConductorUser
from pulumi_conduit.program.declaration_log import log_other_stacks
from pulumi_conduit.program.dynamic_resource import ConduitResource, refuse_provider, require_plain
from pulumi_conduit.program.functions import GetAccountResult, get_accounts
from pulumi_conduit.program.program_hooks import join_program
from pulumi_conduit.resources.fields import canonical_email
from pulumi_conduit.roster import CompanyRow, DeclaredRoster, PersonRow, Shard, read_roster, split
from pulumi_conduit.roster.model import resource_name
from pulumi_conduit.roster.shards import RESHARD_FROM_KEY, SHARD_KEY
from pulumi_conduit.roster.source import Problems
from pulumi_conduit.sdk_hooks import speed_up

__all__ = ["ROSTER_TYPE", "CanonicalMapping", "Roster", "RosterPart", "RosterShard", "configured_shard"]


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
    text = config.get(SHARD_KEY)
    return Shard.parse(text, config.get(RESHARD_FROM_KEY)) if text else None


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


K = TypeVar("K")
V = TypeVar("V")


class CanonicalMapping(Mapping[K, V], Generic[K, V]):
    """A read-only dictionary; it iterates over canonical keys and looks up under any."""

    def __init__(self, items: Mapping[K, V], canonical: Callable[[K], K]) -> None:
        """Take the items by canonical keys."""
        self._items = items
        self._canonical = canonical

    def __getitem__(self, key: K) -> V:
        """Return the item; KeyError names the key as it was asked for."""
        try:
            return self._items[self._canonical(key)]
        except KeyError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[K]:
        """Iterate over the canonical keys, in the order of the file."""
        return iter(self._items)

    def __len__(self) -> int:
        """Count the items."""
        return len(self._items)


def owned_accounts(resource_name: str, profile: Any) -> list[GetAccountResult]:
    """Return the accounts; InvalidInputError if the profile is not plain or the preview is offline."""
    plain = require_plain(resource_name, "profile", profile, "") or None
    if pulumi.runtime.is_dry_run() and _is_offline(plain):
        raise InvalidInputError(
            "CONDUIT_PREVIEW is offline; write its id, or define a group of that name with the id in it"
        )
    return get_accounts(profile=plain)


def _is_offline(profile: str | None) -> bool:
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - likewise
    from pulumi_conduit.settings.sources import stack_config  # noqa: PLC0415 - see the module

    settings = Settings(os.environ, stack_config(pulumi.Config("conduit").get))
    return settings.preview(profile) == "offline"


ROSTER_TYPE = "conduit:index:Roster"
"""The type that states hold."""


class Roster(pulumi.ComponentResource):
    """The people of a CSV or YAML file with their accounts, and its companies.

    Every child is named after the email or company id, so that reordering the file, or editing anything else in it,
    renames nothing. A row that is removed from the file is removed from the program.
    """

    users: Mapping[str, ConductorUser]
    """The people by email."""
    grants: Mapping[tuple[str, int], UserAccountAccess]
    """The single grants of people with additive access, by email and account id."""
    access_lists: Mapping[str, UserAccountAccessExclusive]
    """The account lists of people with exclusive access, by email."""
    companies: Mapping[str, Company]
    """The companies by company id."""

    def __init__(
        self,
        name: str,
        path: str | os.PathLike[str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        profile: pulumi.Input[str] | None = None,
        shard: Shard | None = None,
    ) -> None:
        """Declare all rows of a file, or this stack's shard of them.

        :param name: The name of the component, with which the name of every child begins.
        :param path: A `.csv`, `.yaml` or `.yml` file; a relative path starts at the folder of the program.
        :param opts: Pulumi's options. `depends_on`, `protect`, `aliases` and transformations reach the children;
            `provider` is refused.
        :param profile: The profile whose settings are used. It must be a plain value if accounts are given by name, or
            the roster is split.
        :param shard: This stack's shard of a split roster; by default `conduit:shard` in stack config, else all rows.
        :raises InvalidInputError: with every problem of the file, one per line; then nothing is declared.
        """
        given = opts or pulumi.ResourceOptions()
        refuse_provider(name, ConductorUser.type_token(), given)
        declared = read_roster(Path(path), lambda: owned_accounts(name, profile))
        part = RosterPart.of(declared, shard if shard is not None else configured_shard())
        join_program()  # where the package was imported before the program began
        speed_up(get_root_resource())
        super().__init__(ROSTER_TYPE, name, None, given)
        self._resource_name, self._profile = name, profile
        self._child_opts = pulumi.ResourceOptions(parent=self, depends_on=given.depends_on)
        part.declare(name, profile, self._below())
        self._declare(part.here)
        self.register_outputs({})

    def _declare(self, declared: DeclaredRoster) -> None:
        users = {person.email: self._user(person) for person in declared.people}
        additive = [person for person in declared.people if not person.is_exclusive]
        self.users = CanonicalMapping(users, canonical_email)
        self.grants = CanonicalMapping(
            {
                (one.email, account): self._grant(users[one.email], one, account)
                for one in additive
                for account in one.accounts
            },
            lambda key: (canonical_email(key[0]), key[1]),
        )
        self.access_lists = CanonicalMapping(
            {one.email: self._access_list(users[one.email], one) for one in declared.people if one.is_exclusive},
            canonical_email,
        )
        self.companies = CanonicalMapping(
            {company.key: self._company(company) for company in declared.companies}, str.lower
        )

    def _user(self, person: PersonRow) -> ConductorUser:
        return ConductorUser(
            resource_name(self._resource_name, person.email),
            self._child_opts,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            initial_accounts=list(person.accounts),
            view=person.view,
            sso_access=person.sso_access,
            type=person.type,
            status=person.status,
            send_email=person.send_email,
            on_conflict=person.on_conflict,
            on_destroy=person.on_destroy,
            profile=self._profile,
        )

    def _grant(self, user: ConductorUser, person: PersonRow, account_id: int) -> UserAccountAccess:
        name = resource_name(self._resource_name, person.email, account_id)
        return UserAccountAccess(name, self._below(), user=user, account_id=account_id, profile=self._profile)

    def _access_list(self, user: ConductorUser, person: PersonRow) -> UserAccountAccessExclusive:
        name = resource_name(self._resource_name, person.email, "accounts")
        return UserAccountAccessExclusive(
            name, self._below(), user=user, account_ids=list(person.accounts), profile=self._profile
        )

    def _company(self, company: CompanyRow) -> Company:
        return Company(
            resource_name(self._resource_name, company.key),
            self._child_opts,
            company_id=company.company_id,
            name=company.name,
            page_enabled=company.page_enabled,
            on_conflict=company.on_conflict,
            on_destroy=company.on_destroy,
            profile=self._profile,
        )

    def _below(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)
