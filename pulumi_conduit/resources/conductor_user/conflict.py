"""What a create does with a user that exists, decided as data before any write.

A user exists if a list or a GET shows it, or if the POST gets a 409 (`creation.py`). A preview decides over what was
read for its check, and warns of what would be done; a create decides over a GET made now. `Reactivation` sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_conduit.enums import UserConflict, UserStatus, UserType
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.conductor_user.model import (
    IMMUTABLE,
    PROPERTIES,
    ConductorUserSpec,
    difference,
    differences,
    is_active,
    is_kept_as,
    status_of,
)
from pulumi_conduit.resources.fields import only_found, to_properties
from pulumi_conduit.warnings import ADOPT, REACTIVATE, CodedWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pulumi_conduit.api.records import UserRecord

__all__ = ["Resolution", "Step", "resolve"]


class Step(str, Enum):
    """The writes that a resolution may need, in no order."""

    RESET_GRANTS = "set its accounts to the declared ones"
    SET_TYPE = "set its type"
    ACTIVATE = "set it ACTIVE"
    DEACTIVATE = "set it INACTIVE"


@dataclass(frozen=True)
class Resolution:
    """What is done with the user that exists, and the warning of it."""

    steps: frozenset[Step]
    warning: CodedWarning | None


def resolve(spec: ConductorUserSpec, record: UserRecord, *, stays_inactive: bool = False) -> Resolution:
    """Decide what a declaration means for a user that exists; raise RefusedError where it must not be changed.

    One that `stays_inactive` was deactivated outside and is being replaced: it is adopted INACTIVE, under every policy.
    """
    if record.type == UserType.ADMIN.value:
        raise RefusedError(
            f"{spec.what}: it exists as an ADMIN, which this API cannot manage; remove it from the program"
        )
    declared = to_properties(spec)
    if spec.import_id is not None:
        return _imported(spec, [*differences(declared, record), *_changeable(spec, record)])
    # A name in another form than declared is what an interrupted create leaves where the API trims or composes names.
    others = {name: known_as for name, known_as in IMMUTABLE.items() if not is_kept_as(declared, record, name)}
    if fixed := differences(declared, record, others):
        raise RefusedError(
            f"{spec.what}: exists, and {'; '.join(fixed)}; the API cannot change that: set each to the value in"
            f" Conductor{_how_to_declare(record)}"
        )
    if stays_inactive:
        return _adopted_inactive(spec, record)
    if spec.type == record.type and spec.status == status_of(record):
        return _resolution(ADOPT, spec, set(), "exists and is adopted without a write", record)
    if not is_active(status_of(record)):
        return _reactivated(spec, record)
    if _is_interrupted_create(spec, record):
        return _resolution(ADOPT, spec, {Step.DEACTIVATE}, "exists as declared but ACTIVE, and is set INACTIVE", record)
    return _adopted(spec, record)


def _how_to_declare(record: UserRecord) -> str:
    """Return the advice for a user who has values that a new one may not have; empty for any other."""
    values = {"firstName": record.first_name, "lastName": record.last_name, "view": record.view}
    return ", with on_conflict='adopt' or import_" if only_found(PROPERTIES, values) else ""


def _imported(spec: ConductorUserSpec, found: Sequence[str]) -> Resolution:
    if found:
        raise RefusedError(
            f"{spec.what}: import_ never writes, and {'; '.join(found)}: set each to the value in Conductor"
        )
    return Resolution(frozenset(), None)


def _reactivated(spec: ConductorUserSpec, record: UserRecord) -> Resolution:
    if spec.on_conflict == UserConflict.ERROR.value:
        raise _conflict(spec, record, "reactivate_inactive")
    steps = {Step.RESET_GRANTS, *_type_step(spec, record), *([Step.ACTIVATE] if spec.is_active else [])}
    if not spec.is_active:
        return _resolution(
            ADOPT, spec, steps, f"exists, is INACTIVE and stays so, and is changed: {_list_steps(steps)}", record
        )
    return _resolution(REACTIVATE, spec, steps, f"exists, is INACTIVE and is reactivated: {_list_steps(steps)}", record)


def _adopted_inactive(spec: ConductorUserSpec, record: UserRecord) -> Resolution:
    steps = set(_type_step(spec, record))
    if steps and spec.on_conflict == UserConflict.ERROR.value:
        raise _conflict(spec, record, "reactivate_inactive")
    changed = f", and is changed: {_list_steps(steps)}" if steps else ""
    return _resolution(ADOPT, spec, steps, f"exists, is INACTIVE and stays so{changed}", record)


def _is_interrupted_create(spec: ConductorUserSpec, record: UserRecord) -> bool:
    """Say whether a create was interrupted before it set its new user INACTIVE, as declared."""
    return not spec.is_active and spec.type == record.type and record.accounts == frozenset(spec.initial_accounts)


def _adopted(spec: ConductorUserSpec, record: UserRecord) -> Resolution:
    if spec.on_conflict != UserConflict.ADOPT.value:
        raise _conflict(spec, record, "adopt")
    steps = {*_type_step(spec, record), *([] if spec.is_active else [Step.DEACTIVATE])}
    return _resolution(ADOPT, spec, steps, f"exists and is adopted: {_list_steps(steps)}", record)


def _conflict(spec: ConductorUserSpec, record: UserRecord, policy: str) -> RefusedError:
    found = "; ".join(_changeable(spec, record))
    return RefusedError(
        f"{spec.what}: exists, and {found}: set each to the value in Conductor, or set on_conflict='{policy}'."
        " After a rename, rename first and edit in a second `up`, or add an alias"
    )


def _changeable(spec: ConductorUserSpec, record: UserRecord) -> list[str]:
    remote = {"type": record.type, "status": status_of(record)}
    declared = {"type": spec.type, "status": spec.status}
    return [difference(name, remote[name], declared[name]) for name in remote if remote[name] != declared[name]]


def _type_step(spec: ConductorUserSpec, record: UserRecord) -> list[Step]:
    return [Step.SET_TYPE] if spec.type != record.type else []


def _resolution(code: str, spec: ConductorUserSpec, steps: set[Step], text: str, record: UserRecord) -> Resolution:
    """Return steps with what a report must count of them, and with a text for people."""
    is_left = spec.is_active and not is_active(status_of(record)) and Step.ACTIVATE not in steps
    warning = CodedWarning(
        code,
        f"{spec.what} {text}",
        type=spec.type if Step.SET_TYPE in steps else None,
        status=UserStatus.INACTIVE.value if Step.DEACTIVATE in steps else None,
        left=UserStatus.INACTIVE.value if is_left else None,
    )
    return Resolution(frozenset(steps), warning)


def _list_steps(steps: Collection[Step]) -> str:
    return ", ".join(step.value for step in Step if step in steps)
