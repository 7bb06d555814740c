"""Where URLs, credentials and limits come from: the environment, the stack config, and profiles of either.

Must not know the engine, HTTP or what the values are used for, and must stay cheap to import: every program loads it.
Both sources are passed in; nothing here reads the process's environment.
"""

from __future__ import annotations

from pulumi_conduit.settings.settings import ConductorSettings, LinkSettings, Preview, Secret, Settings
from pulumi_conduit.settings.values import is_loopback, normalised_url

__all__ = [
    "ConductorSettings",
    "LinkSettings",
    "Preview",
    "Secret",
    "Settings",
    "is_loopback",
    "normalised_url",
]
