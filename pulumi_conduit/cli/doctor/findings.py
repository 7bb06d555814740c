"""The findings of the checks, as data, and what is checked. No text contains a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_conduit.errors import SettingsError
from pulumi_conduit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["Code", "Examined", "Finding", "Level"]


class Level(str, Enum):
    """The severity of a finding."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def counts(self) -> bool:
        """Return whether it needs action."""
        return self in (Level.WARNING, Level.PROBLEM)


class Code(Enum):
    """Every kind of finding: its code and its level."""

    SETTING = ("setting", Level.OK)
    API_NOT_SET = ("api-not-set", Level.NOTE)
    SETTING_MISSING = ("setting-missing", Level.PROBLEM)
    SETTING_WRONG = ("setting-wrong", Level.PROBLEM)
    SECRET_IN_CLEAR = ("secret-in-clear", Level.WARNING)
    UNKNOWN_SETTING = ("unknown-setting", Level.WARNING)
    PROFILES = ("profiles", Level.NOTE)
    ROUTES = ("routes", Level.OK)
    ROUTES_WRONG = ("routes-wrong", Level.PROBLEM)
    CLI = ("cli", Level.OK)
    CLI_MISSING = ("cli-missing", Level.WARNING)
    CLI_OLD = ("cli-old", Level.PROBLEM)
    PROJECT_MISSING = ("project-missing", Level.NOTE)
    PROJECT_OTHER = ("project-other", Level.NOTE)
    PROJECT_UNREADABLE = ("project-unreadable", Level.PROBLEM)
    TOOLCHAIN_MISSING = ("toolchain-missing", Level.PROBLEM)
    INTERPRETER = ("interpreter", Level.OK)
    INTERPRETER_UNKNOWN = ("interpreter-unknown", Level.NOTE)
    INTERPRETER_FAILS = ("interpreter-fails", Level.PROBLEM)
    PACKAGE_MISSING = ("package-missing", Level.PROBLEM)
    PACKAGE_OTHER = ("package-other", Level.WARNING)
    SDK_OLD = ("sdk-old", Level.PROBLEM)
    WORKERS = ("workers", Level.OK)
    WORKERS_FOUR = ("workers-four", Level.NOTE)
    OFFLINE = ("offline", Level.NOTE)
    PROXY = ("proxy", Level.NOTE)
    DNS = ("dns", Level.OK)
    DNS_FAILS = ("dns-fails", Level.PROBLEM)
    TCP = ("tcp", Level.OK)
    TCP_FAILS = ("tcp-fails", Level.PROBLEM)
    TLS = ("tls", Level.OK)
    TLS_FAILS = ("tls-fails", Level.PROBLEM)
    CERTIFICATE_ENDS = ("certificate-ends", Level.WARNING)
    HTTP = ("http", Level.OK)
    HTTP_FAILS = ("http-fails", Level.PROBLEM)
    CLOCK = ("clock", Level.OK)
    CLOCK_OFF = ("clock-off", Level.WARNING)
    LOGIN_TRY = ("login-try", Level.NOTE)
    LOGIN = ("login", Level.OK)
    LOGIN_FAILS = ("login-fails", Level.PROBLEM)
    ACCOUNTS = ("accounts", Level.OK)
    ACCOUNTS_NONE = ("accounts-none", Level.WARNING)
    ACCOUNTS_FAIL = ("accounts-fail", Level.PROBLEM)
    TOKEN_UNTESTED = ("token-untested", Level.NOTE)
    TOKEN = ("token", Level.OK)
    TOKEN_FAILS = ("token-fails", Level.PROBLEM)
    COMPANY_NOT_FOUND = ("company-not-found", Level.NOTE)
    SIZE = ("size", Level.OK)
    SIZE_UNKNOWN = ("size-unknown", Level.PROBLEM)
    CHECKPOINTS = ("checkpoints", Level.NOTE)
    CHECKPOINTS_SKIPPED = ("checkpoints-skipped", Level.OK)
    CHECKPOINTS_UNSAFE = ("checkpoints-unsafe", Level.WARNING)
    SEVERAL_STACKS = ("several-stacks", Level.NOTE)

    def __init__(self, code: str, level: Level) -> None:
        """Keep the parts."""
        self.code = code
        self.level = level


@dataclass(frozen=True)
class Finding:
    """One finding, and what to do about it, if anything."""

    code: Code
    text: str
    advice: str = ""

    @property
    def level(self) -> Level:
        """Return its level."""
        return self.code.level


@dataclass(frozen=True)
class Examined:
    """One profile on one machine; `in_clear` are the keys of stack config that are not encrypted."""

    environ: Mapping[str, str] = field(repr=False)
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
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
        """Return the Conductor settings, or None if they are missing or invalid, which another check reports."""
        try:
            return self.settings.conductor(self.profile)
        except SettingsError:
            return None

    def link(self) -> LinkSettings | None:
        """Return the Link settings, or None if they are missing or invalid, which another check reports."""
        try:
            return self.settings.link(self.profile)
        except SettingsError:
            return None
