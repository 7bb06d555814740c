"""The steps of a plan as typed changes: an object before and after, its warnings, whether a delete is requested.

Knows what the engine does with a step, and nothing of people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_conduit.cli.report import objects
from pulumi_conduit.cli.report.plan import OURS, WarningLog, Warnings
from pulumi_conduit.errors import ConduitError, InvalidInputError, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pulumi_conduit.cli.report.plan import Plan, PlanDiagnostic, PlanStep

__all__ = ["Change", "Changes", "read_changes"]

T = TypeVar("T", objects.UserObject, objects.AccessObject, objects.CompanyObject)

_KINDS = ("ConductorUser", "UserAccountAccess", "UserAccountAccessExclusive", "Company")
_SHARD = f"{OURS}RosterShard"  # the people of a shard carry its access
_READS = {"read", "read-replacement", "discard", "discard-replaced"}
_QUIET = {"same", "read", "read-replacement", "create-replacement", "delete-replaced"}
_MOST_REASONS = 20


@dataclass(frozen=True)
class Change(Generic[T]):
    """One object before and after; created without the one, deleted without the other.

    `is_asked`: the engine requests a delete from the provider; not with `retain_on_delete` or `deleted_with`, nor for a
    resource that becomes a `get`. `was_read`: it was a `get` before.
    """

    before: T | None
    after: T | None
    warnings: Warnings = field(default_factory=Warnings)
    is_asked: bool = True
    was_read: bool = False


@dataclass(frozen=True)
class Changes:
    """Every change by kind, the warnings, and the steps of other providers, counted by operation."""

    users: Sequence[Change[objects.UserObject]]
    grants: Sequence[Change[objects.AccessObject]]
    lists: Sequence[Change[objects.AccessObject]]
    companies: Sequence[Change[objects.CompanyObject]]
    warnings: Sequence[PlanDiagnostic]
    others: Mapping[str, int]
    unverified: str | None
    shows_sames: bool
    is_part: bool


def read_changes(plan: Plan) -> Changes:
    """Return the changes of a plan; InvalidInputError, with every reason, where one cannot be read."""
    log = WarningLog.of(plan.diagnostics)
    reader = _Reader(plan, log)
    users = list(reader.of("ConductorUser", objects.user))
    grants = list(reader.of("UserAccountAccess", objects.grant))
    lists = list(reader.of("UserAccountAccessExclusive", objects.account_list))
    companies = list(reader.of("Company", objects.company))
    if reasons := [*_unknown_types(plan), *log.reasons, *reader.reasons]:
        raise InvalidInputError("\n".join(reasons[:_MOST_REASONS]))
    shows_sames = any(step.op == "same" and step.type.startswith(OURS) for step in plan.steps)
    is_part = any(step.type == _SHARD for step in plan.steps)
    return Changes(users, grants, lists, companies, log.warnings, _others(plan), log.unverified, shows_sames, is_part)


class _Reader:
    def __init__(self, plan: Plan, log: WarningLog) -> None:
        self._steps = plan.steps
        self._log = log
        self.reasons: list[str] = []
        self._replaced = {_object(step) for step in plan.steps if step.op == "replace"}
        self._deleted_urns = {step.urn for step in plan.steps if step.op in {"delete", "replace", "delete-replaced"}}
        self._deleted_first = _deleted_first(plan.steps)

    def of(self, kind: str, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Change[T]]:
        for step in self._steps:
            if step.type == OURS + kind:
                try:
                    yield from list(self._moves(step, read))
                except ConduitError as error:
                    self.reasons.append(str(error))

    def _moves(self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Change[T]]:
        warnings = self._log.warnings_of(step.urn)
        if step.op in {"import", "import-replacement"}:
            raise InvalidInputError(f"{escaped(step.name, 80)}: a step '{step.op}' cannot be reported; use import_")
        if step.op in _READS:
            yield from self._read_only(step, read)
        elif step.op in {"same", "update"}:
            yield from self._existing(step, read, warnings)
        elif not self._is_part_of_a_replacement(step):
            yield from self._deleted(step, read)
            yield from self._created(step, read, warnings)

    def _read_only(self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Change[T]]:
        """Yield what was managed and becomes a `get`; a read of another object is a step `replace`, too."""
        if step.op == "read" and step.old is not None and not _is_external(step.old):
            yield Change(read(step.name, step.old), None, is_asked=False)

    def _existing(
        self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T], warnings: Warnings
    ) -> Iterator[Change[T]]:
        old = self._state(step, "old")
        if step.op == "same" and not old.get("inputs") and not old.get("outputs"):
            return  # a new one that `--target` excludes
        before = read(step.name, old)
        yield Change(before, before if step.op == "same" else self._declared(step, read), warnings)

    def _deleted(self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Change[T]]:
        if step.op != "create" and not _is_external(self._state(step, "old")):
            yield Change(read(step.name, self._state(step, "old")), None, is_asked=self._is_asked(step))

    def _created(
        self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T], warnings: Warnings
    ) -> Iterator[Change[T]]:
        if step.op in {"create", "replace"} and not _is_external(self._state(step, "new")):
            yield Change(None, self._declared(step, read), warnings, was_read=_is_external(step.old or {}))

    def _is_part_of_a_replacement(self, step: PlanStep) -> bool:
        """Return whether a step `replace` covers this one."""
        is_end = step.op == "delete-replaced" and _object(step) in self._replaced
        return step.op == "create-replacement" or is_end

    def _declared(self, step: PlanStep, read: Callable[[str, Mapping[str, Any]], T]) -> T:
        # A preview's outputs are the engine's guesses.
        return read(step.name, {"inputs": self._state(step, "new").get("inputs")})

    def _state(self, step: PlanStep, which: str) -> Mapping[str, Any]:
        state = step.old if which == "old" else step.new
        if state is None:
            raise InvalidInputError(f"{escaped(step.name, 80)}: the step '{step.op}' lacks its {which} state")
        return state

    def _is_asked(self, step: PlanStep) -> bool:
        """Return whether the provider is asked to delete: `deleted_with` counts only what is deleted by then."""
        old = self._state(step, "old")
        deleted = self._deleted_first if step.urn in self._deleted_first else self._deleted_urns
        return not old.get("retainOnDelete") and old.get("deletedWith") not in deleted


def _deleted_first(steps: Sequence[PlanStep]) -> set[str]:
    """Return the resources that are deleted before they are created again, and not at the end of the update."""
    created: set[str] = set()
    first: set[str] = set()
    for step in steps:
        if step.op == "create-replacement":
            created.add(step.urn)
        elif step.op == "delete-replaced" and step.urn not in created:
            first.add(step.urn)
    return first


def _others(plan: Plan) -> Mapping[str, int]:
    """Count the steps of other providers' resources."""
    steps = [step for step in plan.steps if not step.type.startswith(OURS) and step.op not in _QUIET]
    return Counter(step.op for step in steps if (step.new or step.old or {}).get("custom"))


def _unknown_types(plan: Plan) -> list[str]:
    """Return the types of this package, by state or by URN, that this version does not know."""
    known: defaultdict[str, set[bool]] = defaultdict(set)
    for step in plan.steps:
        for one in step.types:
            if one.startswith(OURS):
                known[one].add(one == step.type and one.removeprefix(OURS) in {*_KINDS, "RosterShard"})
    unread = sorted(one for one, is_read in known.items() if False in is_read)
    return [f"{escaped(one, 80)} is not known; use one version of pulumi-conduit" for one in unread]


def _is_external(state: Mapping[str, Any]) -> bool:
    """Return whether a state is of a `get`."""
    return state.get("external") is True


def _object(step: PlanStep) -> tuple[str, Any]:
    """Return a key that distinguishes a replaced object from one that an earlier run replaced under the same name."""
    return step.urn, (step.old or {}).get("id")
