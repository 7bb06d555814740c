"""Parses the output of `pulumi preview --json` strictly, and the provider's warnings in it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.urns import STACK_TYPE, name_of, parse_urn
from pulumi_conduit.warnings import ADOPT, CODES, GIVES, REACTIVATE, REVOKE, UNVERIFIED, CodedWarning, parse_warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OURS", "Plan", "PlanDiagnostic", "PlanStep", "WarningLog", "Warnings", "read_plan"]

_KEYS = {"changeSummary", "config", "diagnostics", "duration", "maybeCorrupt", "steps"}
_SILENT = {"refresh", "remove-pending-replace"}
_UNCOUNTED = {*_SILENT, "create-replacement", "delete-replaced", "discard-replaced", "read", "read-replacement", "same"}
_COUNTED = {"create", "delete", "discard", "import", "import-replacement", "replace", "update"}
_SEVERITIES = {"debug", "info", "info#err", "warning", "error"}
_MOST_ERRORS = 20
_LONGEST_ERROR = 20_000
_MOST_SHOWN = 500
_AGAIN = "create the plan again: `pulumi preview --json --show-sames --show-replacement-steps > plan.json`"


@dataclass(frozen=True)
class PlanStep:
    """One step: the operation on one resource, and its state before and after, if any."""

    op: str
    urn: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """Return the resource's name in the program."""
        return name_of(self.urn)

    @property
    def type(self) -> str:
        """Return the resource's own type: the state's where there is one, else the URN's."""
        return _type_of(self.new) or _type_of(self.old) or parse_urn(self.urn).type

    @property
    def types(self) -> frozenset[str]:
        """Return every type in the step: of its states and its URN."""
        named = {_type_of(self.new), _type_of(self.old), parse_urn(self.urn).type}
        return frozenset(one for one in named if one)


@dataclass(frozen=True)
class PlanDiagnostic:
    """A diagnostic of a resource, or of none, without a URN."""

    severity: str
    urn: str
    message: str


@dataclass(frozen=True)
class Plan:
    """All steps in the order of the plan, and the diagnostics that are not errors."""

    steps: tuple[PlanStep, ...]
    diagnostics: tuple[PlanDiagnostic, ...] = ()

    @property
    def stacks(self) -> tuple[str, ...]:
        """Return the stacks that the steps are in, as `project/stack`."""
        urns = (parse_urn(step.urn) for step in self.steps)
        return tuple(sorted({f"{urn.project}/{urn.stack}" for urn in urns}))


def read_plan(text: str) -> Plan:
    """Parse a plan; InvalidInputError lists every reason if that fails."""
    digest = _digest(text)
    diagnostics = tuple(_diagnostic(one) for one in _read_list(digest, "diagnostics"))
    if errors := [one for one in diagnostics if one.severity == "error"]:
        raise InvalidInputError("\n".join(f"the preview failed: {_format_error(one)}" for one in errors[:_MOST_ERRORS]))
    steps = tuple(_step(one) for one in _read_list(digest, "steps"))
    _require_whole(steps, digest)
    return Plan(tuple(one for one in steps if one.op not in _SILENT), diagnostics)


def _digest(text: str) -> Mapping[str, Any]:
    if not text.strip():
        raise InvalidInputError("the plan is empty: the preview printed nothing; look at its own output")
    try:
        digest = json.loads(text)
    except json.JSONDecodeError as error:
        why = f"{error.msg.lower()} in line {error.lineno}"
        what = (
            "more than one document, as streamed events are" if error.msg == "Extra data" else "truncated or not JSON"
        )
        raise InvalidInputError(f"the plan is {what} ({why}); {_AGAIN}") from None
    except RecursionError:
        raise InvalidInputError(f"the plan is nested too deeply to be one; {_AGAIN}") from None
    if not isinstance(digest, dict):
        raise InvalidInputError(f"the plan is not a JSON object; {_AGAIN}")
    if "result" in digest and "steps" not in digest:  # its `resources` is left out where nothing changes
        raise InvalidInputError(
            "this is the summary that `pulumi preview --output json` prints, which leaves out values and warnings;"
            f" {_AGAIN}"
        )
    if unknown := digest.keys() - _KEYS:
        names = ", ".join(escaped(one, 40) for one in sorted(unknown))
        raise InvalidInputError(f"the plan has a form that this version does not know: {names}; update pulumi-conduit")
    return digest


def _read_list(digest: Mapping[str, Any], key: str) -> list[Any]:
    listed = digest.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise InvalidInputError(f"the plan's {key} are not what this version knows; update pulumi-conduit")
    return listed


def _diagnostic(one: Mapping[str, Any]) -> PlanDiagnostic:
    severity, urn, message = one.get("severity"), one.get("urn") or "", one.get("message")
    if severity not in _SEVERITIES or not isinstance(urn, str) or not isinstance(message, str):
        raise InvalidInputError("the plan has a diagnostic that this version does not know; update pulumi-conduit")
    return PlanDiagnostic(severity, urn, message.strip().removeprefix(f"{severity}: "))


def _format_error(error: PlanDiagnostic) -> str:
    where = f"{escaped(name_of(error.urn), 80)}: " if error.urn else ""
    return where + _shorten(escaped(" ".join(error.message.split()), _LONGEST_ERROR))


def _shorten(message: str) -> str:
    """Return both ends of a message: a traceback ends with the error."""
    if len(message) <= _MOST_SHOWN:
        return message
    return f"{message[: _MOST_SHOWN // 4]} … {message[-_MOST_SHOWN * 3 // 4 :]}"


def _step(one: Mapping[str, Any]) -> PlanStep:
    op, urn = one.get("op"), one.get("urn")
    old, new = one.get("oldState"), one.get("newState")
    if not isinstance(urn, str) or any(not isinstance(state, dict | None) for state in (old, new)):
        raise InvalidInputError("the plan has a step that this version cannot read; update pulumi-conduit")
    if not _is_readable(urn) or any(not isinstance((state or {}).get("type", ""), str) for state in (old, new)):
        raise InvalidInputError(f"{escaped(urn, 80)}: the plan has a step of a form that is not known")
    if op not in _COUNTED | _UNCOUNTED:
        shown, name = escaped(str(op), 40), escaped(name_of(urn), 80)
        raise InvalidInputError(f"{name}: the plan has a step '{shown}', which is not known; update pulumi-conduit")
    return PlanStep(op, urn, old, new)


def _is_readable(urn: str) -> bool:
    try:
        parse_urn(urn)
    except ValueError:
        return False
    return True


def _type_of(state: Mapping[str, Any] | None) -> str:
    return str((state or {}).get("type") or "")


def _require_whole(steps: tuple[PlanStep, ...], digest: Mapping[str, Any]) -> None:
    """Refuse a plan that lacks steps, and one of a refresh."""
    if digest.get("maybeCorrupt"):
        raise InvalidInputError(f"the preview reports that it may be corrupt (maybeCorrupt); {_AGAIN}")
    if not steps:
        raise InvalidInputError(f"the plan has no steps, not even one for the stack; {_AGAIN}")
    if {step.op for step in steps if step.type == STACK_TYPE} == {"refresh"}:
        raise InvalidInputError("this is what a refresh has found, not what an `up` will do; use `pulumi preview`")
    found = Counter(step.op for step in steps if step.op in _COUNTED)
    summary = digest.get("changeSummary")
    summarized = (
        {op: count for op, count in summary.items() if op not in _UNCOUNTED} if isinstance(summary, dict) else None
    )
    if summarized != dict(found):
        raise InvalidInputError(f"the plan's steps do not add up to its summary: some are missing; {_AGAIN}")


OURS = "pulumi-python:dynamic/conduit:"
"""The prefix of this package's types."""


@dataclass(frozen=True)
class Warnings:
    """The warnings of one resource."""

    facts: tuple[CodedWarning, ...] = ()

    def has(self, code: str) -> bool:
        """Return whether a warning has this code."""
        return any(one.code == code for one in self.facts)

    @property
    def types(self) -> set[str]:
        """Return the types that the user will be set to, whatever the state records."""
        return {one.type for one in self.facts if one.type}

    @property
    def deactivates(self) -> bool:
        """Return whether the user is ACTIVE and will be set INACTIVE."""
        return any(one.status for one in self.facts)

    @property
    def stays_inactive(self) -> bool:
        """Return whether the user is INACTIVE and stays so; a warning that says otherwise outweighs a print."""
        found = [one for one in self.facts if one.code in (ADOPT, REACTIVATE)]
        return bool(found) and all(one.left for one in found)

    @property
    def urls(self) -> set[str]:
        """Return the base URLs of the resource's profile."""
        return {one.url for one in self.facts if one.url}

    @property
    def removed(self) -> frozenset[int]:
        """Return the accounts that will be removed although no state records them."""
        return self._accounts(REVOKE)

    @property
    def given(self) -> frozenset[int]:
        """Return the accounts that will be added although the state records them."""
        return self._accounts(GIVES)

    @property
    def restored(self) -> frozenset[int]:
        """Return the accounts that a reactivation restores, if the warning has them."""
        return self._accounts(REACTIVATE)

    @property
    def held(self) -> frozenset[int]:
        """Return the accounts of an adopted list."""
        return self._accounts(ADOPT)

    def _accounts(self, code: str) -> frozenset[int]:
        return frozenset().union(*(one.accounts for one in self.facts if one.code == code and one.accounts))


@dataclass
class WarningLog:
    """All warnings of a preview: facts by resource, texts to show, and reasons why a plan cannot be reported."""

    warnings: list[PlanDiagnostic] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    unverified: str | None = None
    _facts: dict[str, list[CodedWarning]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, diagnostics: Iterable[PlanDiagnostic]) -> WarningLog:
        """Parse the diagnostics of a preview."""
        log = cls()
        for one in dict.fromkeys(diagnostics):
            log._add(one)
        return log

    def warnings_of(self, urn: str) -> Warnings:
        """Return the warnings of a resource."""
        return Warnings(tuple(self._facts.get(urn, ())))

    def _add(self, one: PlanDiagnostic) -> None:
        try:
            fact = parse_warning(one.message)
        except ValueError:
            self.reasons.append(_unreadable(one.message))
            return
        if fact and fact.code == UNVERIFIED and one.severity == "warning":
            self.unverified = fact.text
        elif one.severity == "warning" and _is_ours(one.urn):
            self._facts[one.urn] += [fact] if fact else []
            self.warnings.append(one)
        elif any(code in one.message for code in CODES):
            # The provider could not reach the engine's log: other warnings may be lost.
            self.reasons.append(f"a warning came without its resource: {escaped(' '.join(one.message.split()), 300)}")


def _is_ours(urn: str) -> bool:
    try:
        return parse_urn(urn).type.startswith(OURS)
    except ValueError:
        return False


def _unreadable(message: str) -> str:
    has_code = any(message.startswith(code) for code in CODES)
    what = "has a form that is not known" if has_code else "is not known"
    limit = 200 if has_code else 80
    return f"a warning {what}: {escaped(message, limit)}; use one version of pulumi-conduit"
