"""The steps of a plan as typed changes: an object before and after, its warnings, whether a delete is requested.

Knows what the engine does with a step, and nothing of people. Objects are parsed from a step's state; a value that is
secret, unknown or missing is an error.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pulumi_conduit.cli.report.plan import OURS, WarningLog, Warnings
from pulumi_conduit.enums import UserStatus, UserType
from pulumi_conduit.errors import ConduitError, InvalidInputError, escaped
from pulumi_conduit.resources.fields import MAX_ACCOUNT_ID, canonical_email
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pulumi_conduit.cli.report.plan import Plan, PlanDiagnostic, PlanStep

__all__ = [
    "AccessObject",
    "Change",
    "Changes",
    "CompanyObject",
    "UserObject",
    "account_list",
    "company",
    "grant",
    "read_changes",
    "user",
]

_SECRET = "[secret]"  # noqa: S105 - Pulumi's word in place of one
_SHOWN_SECRET = "(secret)"  # noqa: S105 - likewise, in a report
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # Pulumi's word for what is not known yet


@dataclass(frozen=True)
class UserObject:
    """A user, declared or recorded; `is_kept_inactive`: a deactivation made outside Pulumi is kept.

    `is_adopted`: the state says that its resource found the user, and did not create it.

    `url` is the base URL that a state has recorded; empty for a declaration, which names a profile only.
    """

    email: str
    profile: str
    name: str
    type: str
    status: str
    initial: frozenset[int]
    on_destroy: str
    is_imported: bool
    is_kept_inactive: bool
    is_adopted: bool
    url: str = ""

    @property
    def is_active(self) -> bool:
        """Return whether the person has access."""
        return self.status == UserStatus.ACTIVE.value


@dataclass(frozen=True)
class AccessObject:
    """Accounts of one user: a single grant, or a list with the accounts that its removal leaves."""

    email: str
    profile: str
    accounts: frozenset[int]
    is_imported: bool
    initial: frozenset[int] = frozenset()
    url: str = ""


@dataclass(frozen=True)
class CompanyObject:
    """A company; undeclared values are None. `url` is the tenant in its state."""

    company_id: str
    profile: str
    name: str | None
    is_open: bool | None
    on_destroy: str
    is_imported: bool
    url: str = ""


class _Properties:
    """The properties of a state: inputs, overridden by outputs."""

    def __init__(self, name: str, state: Mapping[str, Any]) -> None:
        self._name = name
        self._values: dict[str, Any] = {}
        for part in ("inputs", "outputs"):
            values = state.get(part) or {}
            if not isinstance(values, dict):
                raise self._unreadable(part, "is not a map")
            self._values |= values

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        value = self._known(name, default)
        if not isinstance(value, str):
            raise self._unreadable(name, "is missing or not a string")
        return value

    def shown(self, name: str) -> str:
        """Return a text for display, or an empty one if it is secret or unknown."""
        value = self._values.get(name)
        return value if isinstance(value, str) and value not in {_SECRET, _UNKNOWN} else ""

    def display_name(self, name: str) -> str | None:
        """Return a name that nothing depends on, `(secret)` for a secret one, or None where there is none."""
        return _SHOWN_SECRET if self._values.get(name) == _SECRET else self.text(name, "") or None

    def word(self, name: str, words: set[str]) -> str:
        value = self.text(name)
        if value not in words:
            raise self._unreadable(name, f"is '{escaped(value, 40)}', which is not known")
        return value

    def flag(self, name: str) -> bool | None:
        value = self._known(name, None)
        if not isinstance(value, bool | None):
            raise self._unreadable(name, "is neither true nor false")
        return value

    def accounts(self, name: str) -> frozenset[int]:
        value = self._known(name, [])
        if not isinstance(value, list):
            raise self._unreadable(name, "is not a list")
        return frozenset(self._account(name, one) for one in value)

    def account(self, name: str) -> frozenset[int]:
        return frozenset({self._account(name, self._known(name, None))})

    def applied(self, name: str) -> Any:
        applied = self._values.get("lastApplied")
        return applied.get(name) if isinstance(applied, dict) else self._known("lastApplied", None)

    def _account(self, name: str, value: Any) -> int:
        if value in (_SECRET, _UNKNOWN):
            self._refuse_hidden(name, value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ACCOUNT_ID:
            raise self._unreadable(name, "is not an account id")
        return value

    def _known(self, name: str, default: Any) -> Any:
        value = self._values.get(name)
        self._refuse_hidden(name, value)
        return default if value is None else value

    def _refuse_hidden(self, name: str, value: Any) -> None:
        if value == _SECRET:
            raise self._unreadable(name, "is secret")
        if value == _UNKNOWN:
            raise self._unreadable(name, "is not known before the update")

    def _unreadable(self, name: str, why: str) -> InvalidInputError:
        return InvalidInputError(f"{escaped(self._name, 80)}: {name} {why}, so the plan cannot be reported")


def user(name: str, state: Mapping[str, Any]) -> UserObject:
    """Read a `ConductorUser`."""
    read = _Properties(name, state)
    statuses = {one.value for one in UserStatus}
    status = read.word("status", statuses)
    return UserObject(
        email=canonical_email(read.text("email")),
        profile=read.text("profile", ""),
        name=f"{read.shown('firstName')} {read.shown('lastName')}".strip(),
        type=read.word("type", {one.value for one in UserType}),
        status=status,
        initial=read.accounts("initialAccounts"),
        on_destroy=read.text("onDestroy", "deactivate"),
        is_imported=read.has("importId"),
        is_kept_inactive=status == UserStatus.INACTIVE.value and read.applied("status") == UserStatus.ACTIVE.value,
        is_adopted=bool(read.flag("adopted")),
        url=Tenant.parse(read.shown("tenant")).url,
    )


def grant(name: str, state: Mapping[str, Any]) -> AccessObject:
    """Read a `UserAccountAccess`."""
    read = _Properties(name, state)
    email = canonical_email(read.text("user"))
    url = Tenant.parse(read.shown("tenant")).url
    return AccessObject(email, read.text("profile", ""), read.account("accountId"), read.has("importId"), url=url)


def account_list(name: str, state: Mapping[str, Any]) -> AccessObject:
    """Read a `UserAccountAccessExclusive`."""
    read = _Properties(name, state)
    email, profile = canonical_email(read.text("user")), read.text("profile", "")
    accounts, initial = read.accounts("accountIds"), read.accounts("initialAccounts")
    return AccessObject(email, profile, accounts, read.has("importId"), initial, Tenant.parse(read.shown("tenant")).url)


def company(name: str, state: Mapping[str, Any]) -> CompanyObject:
    """Read a `CompanyObject`."""
    read = _Properties(name, state)
    return CompanyObject(
        company_id=read.text("companyId"),
        profile=read.text("profile", ""),
        name=read.display_name("name"),
        is_open=read.flag("pageEnabled"),
        on_destroy=read.text("onDestroy", "error"),
        is_imported=read.has("importId"),
        url=read.shown("tenant"),
    )


T = TypeVar("T", UserObject, AccessObject, CompanyObject)

_KINDS = ("ConductorUser", "UserAccountAccess", "UserAccountAccessExclusive", "Company")
_SHARD = f"{OURS}RosterShard"  # the people of a shard carry its access
_READS = {"read", "read-replacement", "discard", "discard-replaced"}
_QUIET = {"same", "read", "read-replacement", "create-replacement", "delete-replaced"}
_DELETES = {"delete", "replace", "delete-replaced"}
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

    users: Sequence[Change[UserObject]]
    grants: Sequence[Change[AccessObject]]
    lists: Sequence[Change[AccessObject]]
    companies: Sequence[Change[CompanyObject]]
    warnings: Sequence[PlanDiagnostic]
    others: Mapping[str, int]
    unverified: str | None
    shows_sames: bool
    is_part: bool


def read_changes(plan: Plan) -> Changes:
    """Return the changes of a plan; InvalidInputError, with every reason, where one cannot be read."""
    log = WarningLog.of(plan.diagnostics)
    reader = _PlanReader(plan, log)
    users = list(reader.of("ConductorUser", user))
    grants = list(reader.of("UserAccountAccess", grant))
    lists = list(reader.of("UserAccountAccessExclusive", account_list))
    companies = list(reader.of("Company", company))
    if reasons := [*_unknown_types(plan), *log.reasons, *reader.reasons]:
        raise InvalidInputError("\n".join(reasons[:_MOST_REASONS]))
    shows_sames = any(step.op == "same" and step.type.startswith(OURS) for step in plan.steps)
    is_part = any(step.type == _SHARD for step in plan.steps)
    return Changes(users, grants, lists, companies, log.warnings, _others(plan), log.unverified, shows_sames, is_part)


class _PlanReader:
    def __init__(self, plan: Plan, log: WarningLog) -> None:
        self._steps = plan.steps
        self._log = log
        self.reasons: list[str] = []
        self._replaced = {_object(step) for step in plan.steps if step.op == "replace"}
        self._left = _left_for_later(plan.steps)
        deletes = (step for step in plan.steps if step.op in _DELETES)
        self._deleted_urns = {step.urn for step in deletes if _object(step) not in self._left}
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
        if step.op == "replace" and _object(step) in self._left:
            return False
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


def _left_for_later(steps: Sequence[PlanStep]) -> set[tuple[str, Any]]:
    """Return the replaced objects that another run deletes, because `--exclude` keeps what depends on them.

    A plan without steps inside replacements does not show them, so only one with the creation lacks a delete.
    """
    created = {step.urn for step in steps if step.op == "create-replacement"}
    deleted = {_object(step) for step in steps if step.op == "delete-replaced"}
    return {_object(step) for step in steps if step.op == "replace" and step.urn in created} - deleted


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
