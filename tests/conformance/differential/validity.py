"""Whether a deployment could be read back: everything a resource needs stands before it."""

from collections.abc import Iterator
from typing import Any


def disorder(deployment: dict[str, Any]) -> list[str]:
    """Return one line per resource that stands before something it needs."""
    seen: set[str] = set()
    found = []
    for resource in deployment.get("resources") or []:
        missing = sorted(set(_needs(resource)) - seen)
        found += [f"{resource['urn']} stands before {urn}" for urn in missing]
        seen |= {resource["urn"], f"{resource['urn']}::{resource.get('id', '')}"}
    return found


def _needs(resource: dict[str, Any]) -> Iterator[str]:
    yield from resource.get("dependencies") or []
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or []
    for key in ("parent", "provider", "deletedWith"):
        if resource.get(key):
            yield resource[key]
