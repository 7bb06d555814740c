"""What `pulumi stack export` writes, read: our resources, how many there are of others, and what is left undone.

Fails closed: an export that cannot be read, or a resource of ours in it that cannot, is an error and never an absence.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.cli.stack_record import PREFIX, ROSTER, SHARD, Recorded, recorded
from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.urns import STACK_TYPE, is_urn, parse_urn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Export", "read_export", "read_export_file"]

_VERSIONS = (3, 4)
_PROVIDER = "pulumi:providers:"
_MOST_REASONS = 10


@dataclass(frozen=True)
class Export:
    """One stack: what it manages of ours, what it has still to delete or had begun, by URN, and what else it has."""

    origin: str
    stack: str
    ours: tuple[Recorded, ...]
    to_delete: tuple[str, ...]
    begun: tuple[str, ...]
    others: int
    rosters: tuple[str, ...]
    """The names of the rosters that it declares."""
    digest: str
    """The same for two exports of one state, whatever their files are called and however they are indented."""


def read_export(text: str, origin: str) -> Export:
    """Read an export; `origin` names it in errors, and where it does not name its stack itself."""
    deployment = _deployment(text, origin)
    resources = _listed(deployment, "resources", origin)
    managed = [one for one in resources if one.get("external") is not True]
    ours = [one for one in managed if one["type"].startswith(PREFIX)]
    alive = [one for one in ours if one.get("delete") is not True and one["type"] != SHARD]
    return Export(
        origin=origin,
        stack=_stack(resources) or origin,
        ours=tuple(_all_recorded(alive, origin)),
        to_delete=tuple(one["urn"] for one in ours if one.get("delete") is True),
        begun=tuple(_begun(_listed(deployment, "pending_operations", origin, _operated))),
        others=sum(one.get("custom") is True and not one["type"].startswith((PREFIX, _PROVIDER)) for one in managed),
        rosters=tuple(parse_urn(one["urn"]).name for one in managed if one["type"] == ROSTER),
        digest=hashlib.sha256(json.dumps(deployment, sort_keys=True).encode()).hexdigest(),
    )


def read_export_file(path: Path) -> Export:
    """Read an export from a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInputError(f"{_shown(str(path))} cannot be read: {reason}") from None
    return read_export(text, str(path))


def _deployment(text: str, origin: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    version = content.get("version") if isinstance(content, dict) else None
    deployment = content.get("deployment") if isinstance(content, dict) else None
    if not isinstance(deployment, dict):
        raise InvalidInputError(f"{_shown(origin)} is no export of a stack; write it with `pulumi stack export`")
    if version not in _VERSIONS:
        raise InvalidInputError(f"{_shown(origin)} is an export of version {escaped(str(version), 20)}, not of 3 or 4")
    return deployment


def _operated(operation: Mapping[str, Any]) -> Any:
    return operation.get("resource")


def _listed(deployment: Mapping[str, Any], name: str, origin: str, resource_in: Any = None) -> list[Mapping[str, Any]]:
    """Return a list of the deployment whose every item holds a resource with a type and a URN."""
    found = deployment.get(name)
    items = [] if found is None else found
    if not isinstance(items, list) or not all(_is_item(one, resource_in) for one in items):
        raise InvalidInputError(f"{_shown(origin)}: its `{name}` are not as `pulumi stack export` writes them")
    return items


def _is_item(item: Any, resource_in: Any) -> bool:
    resource = resource_in(item) if resource_in and isinstance(item, dict) else item
    return isinstance(resource, dict) and all(isinstance(resource.get(name), str) for name in ("urn", "type"))


def _all_recorded(resources: Iterable[Mapping[str, Any]], origin: str) -> list[Recorded]:
    found = [_recorded(one) for one in resources]
    reasons = [f"{_shown(origin)}: {one}" for one in found if isinstance(one, str)]
    if len(reasons) > _MOST_REASONS:
        reasons[_MOST_REASONS:] = [f"{_shown(origin)}: {len(reasons) - _MOST_REASONS} more cannot be read"]
    if reasons:
        raise InvalidInputError("\n".join(reasons))
    return [one for one in found if isinstance(one, Recorded)]


def _recorded(resource: Mapping[str, Any]) -> Recorded | str:
    """Return a resource of ours, or why it cannot be read."""
    try:
        return recorded(resource)
    except ValueError as error:
        return f"{escaped(resource['urn'], 300)} cannot be read: {escaped(str(error), 300)}"


def _begun(operations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in operations:
        if one["resource"]["type"].startswith(PREFIX):
            yield f"{one.get('type')} {one['resource']['urn']}"


def _stack(resources: Iterable[Mapping[str, Any]]) -> str | None:
    """Return `project/stack`, as the URN of the stack itself names both."""
    for one in resources:
        if one["type"] == STACK_TYPE and is_urn(one["urn"]):
            urn = parse_urn(one["urn"])
            return f"{urn.project}/{urn.stack}"
    return None


def _shown(origin: str) -> str:
    return escaped(origin, 200)
