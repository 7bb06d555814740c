"""What is examined: the settings with their two sources, the project, and how far checks may go. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_conduit.errors import SettingsError
from pulumi_conduit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["Subject"]


@dataclass(frozen=True)
class Subject:
    """One profile on one machine; `in_clear` are the keys of stack config that are not encrypted."""

    environ: Mapping[str, str]
    config: Mapping[str, str] = field(default_factory=dict)
    in_clear: frozenset[str] = frozenset()
    profile: str | None = None
    stack: str | None = None
    folder: Path = Path()
    company: str | None = None
    is_offline: bool = False

    @cached_property
    def settings(self) -> Settings:
        """Return the settings of both sources."""
        return Settings(self.environ, self.config)

    def conductor(self) -> ConductorSettings | None:
        """Return the Conductor settings, or None where they are wrong or not there, as another check says."""
        try:
            return self.settings.conductor(self.profile)
        except SettingsError:
            return None

    def link(self) -> LinkSettings | None:
        """Return the Link settings, or None where they are wrong or not there, as another check says."""
        try:
            return self.settings.link(self.profile)
        except SettingsError:
            return None
