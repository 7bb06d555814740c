"""The steps of a plan as moves: an object of ours before and after, what was said of it, whether a delete is asked.

Here a plan becomes typed. Knows what the engine does with a step, and nothing of people.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_conduit.errors import ConduitError, InvalidDeclaration, escaped
from pulumi_conduit.reports import objects
from pulumi_conduit.resources.lifecycle import REACTIVATE, REMOVES, TAKEOVER, UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pulumi_conduit.reports.plan import Diagnostic, Plan, Step

__all__ = ["Move", "Moves", "Said", "read_moves"]

T = TypeVar("T", objects.User, objects.Access, objects.Company)

_OURS = "pulumi-python:dynamic/conduit:"
_SHARD = f"{_OURS}RosterShard"  # what it says of access is said by the people who move
_READS = {"read", "read-replacement", "discard", "discard-replaced"}
_QUIET = {"same", "read", "read-replacement", "create-replacement", "delete-replaced"}
_CODE = "CONDUIT-"
_CODES = (REACTIVATE, REMOVES, TAKEOVER, UNVERIFIED)
_IDS = r"accounts (\d+(?:, \d+)*)"
_REMOVED = re.compile(rf"{REMOVES}: {_IDS}: ")
_RESTORED = re.compile(rf"{REACTIVATE}: {_IDS}: ")
_HELD = re.compile(rf"{TAKEOVER}: account list of user \S+ exists with {_IDS} \(")
_MOST_REASONS = 20


@dataclass(frozen=True)
class Said:
    """What the provider's warnings say of one resource, as far as a report counts it."""

    messages: tuple[str, ...] = ()

    def has(self, code: str) -> bool:
        """Say whether a code was given."""
        return any(one.startswith(code) for one in self.messages)

    def tells(self, *phrases: str) -> bool:
        """Say whether a takeover or a reactivation comes with one of these."""
        coded = (one for one in self.messages if one.startswith((TAKEOVER, REACTIVATE)))
        return any(phrase in one for one in coded for phrase in phrases)

    @property
    def removed(self) -> frozenset[int]:
        """Return the accounts that will be removed although no state holds them."""
        return self._ids(REMOVES, _REMOVED)

    @property
    def restored(self) -> frozenset[int]:
        """Return the accounts that a reactivation comes with, if they are said."""
        return self._ids(f"{REACTIVATE}: accounts", _RESTORED)

    @property
    def held(self) -> frozenset[int]:
        """Return the accounts of a list that is taken over."""
        return self._ids(f"{TAKEOVER}: account list", _HELD)

    def _ids(self, start: str, form: re.Pattern[str]) -> frozenset[int]:
        found: set[int] = set()
        for message in self.messages:
            if message.startswith(start):
                match = form.match(message)
                if match is None:
                    raise InvalidDeclaration(
                        f"a warning has a form that is not known: {escaped(message)}; use one version of pulumi-conduit"
                    )
                found |= {int(one) for one in match.group(1).split(", ")}
        return frozenset(found)


@dataclass(frozen=True)
class Move(Generic[T]):
    """One object before and after: made without the one, gone without the other.

    `is_asked` says whether the engine asks the provider for a delete: not with `retain_on_delete`, nor for what goes
    with another resource.
    """

    before: T | None
    after: T | None
    said: Said = Said()
    is_asked: bool = True


@dataclass(frozen=True)
class Moves:
    """Every move by kind, what was said besides, and what else is in the plan, counted by operation."""

    users: Sequence[Move[objects.User]]
    grants: Sequence[Move[objects.Access]]
    lists: Sequence[Move[objects.Access]]
    companies: Sequence[Move[objects.Company]]
    warnings: Sequence[Diagnostic]
    others: Mapping[str, int]
    unverified: str | None
    shows_sames: bool
    is_part: bool


def read_moves(plan: Plan) -> Moves:
    """Return the moves of a plan; InvalidDeclaration, with every reason, where one cannot be read."""
    reader = _Reader(plan)
    users = list(reader.of("ConductorUser", objects.user))
    grants = list(reader.of("UserAccountAccess", objects.grant))
    lists = list(reader.of("UserAccountAccessExclusive", objects.account_list))
    companies = list(reader.of("Company", objects.company))
    if reader.reasons:
        raise InvalidDeclaration("\n".join(reader.reasons[:_MOST_REASONS]))
    shows_sames = any(step.op == "same" and step.type.startswith(_OURS) for step in plan.steps)
    is_part = any(step.type == _SHARD for step in plan.steps)
    return Moves(
        users, grants, lists, companies, reader.warnings, reader.others(), reader.unverified, shows_sames, is_part
    )


class _Reader:
    def __init__(self, plan: Plan) -> None:
        self._steps = plan.steps
        self.reasons: list[str] = []
        self.warnings: list[Diagnostic] = []
        self.unverified: str | None = None
        self._said: dict[str, list[str]] = defaultdict(list)
        self._replaced = {_object(step) for step in plan.steps if step.op == "replace"}
        self._doomed = {step.urn for step in plan.steps if step.op in {"delete", "replace", "delete-replaced"}}
        self._refuse_unknown_kinds()
        for one in dict.fromkeys(plan.diagnostics):
            self._hear(one)

    def of(self, kind: str, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Move[T]]:
        for step in self._steps:
            if step.type == _OURS + kind and step.op not in _READS:
                try:
                    yield from list(self._moves(step, read))
                except ConduitError as error:
                    self.reasons.append(str(error))

    def others(self) -> Mapping[str, int]:
        """Count what is done with the resources of others."""
        steps = [step for step in self._steps if not step.type.startswith(_OURS) and step.op not in _QUIET]
        return Counter(step.op for step in steps if (step.new or step.old or {}).get("custom"))

    def _moves(self, step: Step, read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[Move[T]]:
        said = Said(tuple(self._said[step.urn]))
        if step.op in {"import", "import-replacement"}:
            raise InvalidDeclaration(f"{escaped(step.name, 80)}: a step '{step.op}' cannot be told; use import_")
        if step.op == "create-replacement" or (step.op == "delete-replaced" and _object(step) in self._replaced):
            return  # the step `replace` says both
        if step.op in {"same", "update"}:
            before = read(step.name, self._state(step, "old"))
            yield Move(before, before if step.op == "same" else self._declared(step, read), said)
            return
        if step.op != "create":
            yield Move(read(step.name, self._state(step, "old")), None, is_asked=self._is_asked(step))
        if step.op in {"create", "replace"}:
            yield Move(None, self._declared(step, read), said)

    def _declared(self, step: Step, read: Callable[[str, Mapping[str, Any]], T]) -> T:
        # A preview's outputs are guesses of the engine.
        return read(step.name, {"inputs": self._state(step, "new").get("inputs")})

    def _state(self, step: Step, which: str) -> Mapping[str, Any]:
        state = step.old if which == "old" else step.new
        if state is None:
            raise InvalidDeclaration(f"{escaped(step.name, 80)}: the step '{step.op}' lacks its {which} state")
        return state

    def _is_asked(self, step: Step) -> bool:
        old = self._state(step, "old")
        return not old.get("retainOnDelete") and old.get("deletedWith") not in self._doomed

    def _hear(self, one: Diagnostic) -> None:
        if one.severity == "warning" and one.message.startswith(UNVERIFIED):
            self.unverified = one.message.partition(": ")[2]
        elif one.severity == "warning" and _OURS in one.urn:
            self._said[one.urn].append(one.message)
            self.warnings.append(one)
        elif any(code in one.message for code in _CODES):
            # The provider's way to the engine's log was shut: what else it said may be lost.
            self.reasons.append(f"a warning came without its resource: {escaped(' '.join(one.message.split()), 300)}")
        if one.message.startswith(_CODE) and not one.message.startswith(_CODES):
            self.reasons.append(
                f"a warning is not known: {escaped(one.message, 80)}; use one version of pulumi-conduit"
            )

    def _refuse_unknown_kinds(self) -> None:
        known = {
            _OURS + kind for kind in ("Company", "ConductorUser", "UserAccountAccess", "UserAccountAccessExclusive")
        }
        unknown = {step.type for step in self._steps if step.type.startswith(_OURS)} - {*known, _SHARD}
        self.reasons += [
            f"{escaped(one, 80)} is not known; use one version of pulumi-conduit" for one in sorted(unknown)
        ]


def _object(step: Step) -> tuple[str, Any]:
    """Return what tells a replaced object from one that an earlier run has replaced under the same name."""
    return step.urn, (step.old or {}).get("id")
