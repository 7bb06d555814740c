"""Where a person's type and status differ from what the stacks declare. Knows no API and no list."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.findings import Kind
from pulumi_conduit.enums import UserType
from pulumi_conduit.resources.conductor_user.model import is_active, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.cli.audit.declared import Declaration, Person
    from pulumi_conduit.cli.stack_record import Recorded

__all__ = ["differences"]

_Difference = tuple[Kind, str]


def differences(person: Person, record: UserRecord) -> dict[_Difference, list[Declaration]]:
    """Return each difference, as its kind and both values, with the declarations that it contradicts."""
    found: defaultdict[_Difference, list[Declaration]] = defaultdict(list)
    for one in person.users:
        for difference in _of_user(one.recorded, record):
            found[difference].append(one)
    if record.type == UserType.ADMIN.value and not person.users:
        for one in person.all:
            found[Kind.TYPE_DIFFERS, "ADMIN in Conductor, and a stack declares access"].append(one)
    return dict(found)


def _of_user(declared: Recorded, record: UserRecord) -> Iterator[_Difference]:
    if record.type != declared.type:
        yield Kind.TYPE_DIFFERS, f"{record.type} in Conductor, {declared.type} in the state"
    elif record.type == UserType.ADMIN.value:
        yield Kind.TYPE_DIFFERS, "ADMIN in Conductor and, since a refresh, in the state"
    status = status_of(record)
    if is_active(status) and not is_active(declared.status or status):
        yield Kind.ACTIVATED_OUTSIDE, f"ACTIVE in Conductor, {declared.status} in the state"
    elif not is_active(status) and is_active(declared.status or status):
        yield Kind.DEACTIVATED_OUTSIDE, f"INACTIVE in Conductor, {declared.status} in the state"
