"""Stack config as the settings read it, from whichever of Pulumi's two config objects a process has."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from pulumi_conduit.settings.sources import Names

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["stack_config"]

_KEYS = (*(field.default.key for field in fields(Names) if field.default.key), "profiles")  # type: ignore[union-attr]


def stack_config(get: Callable[[str], Any]) -> dict[str, str]:
    """Return every setting that `get` finds under its bare key, by the full one: `linkUrl` as `conduit:linkUrl`."""
    found = {key: get(key) for key in _KEYS}
    return {f"conduit:{key}": value for key, value in found.items() if value is not None}
