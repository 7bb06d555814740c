"""The two sources of settings, environment and stack config, and the names a setting has in each, by profile."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from pulumi_conduit.errors import SettingsError, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Found", "Names", "Setting", "Sources", "set_secret_command", "stack_config"]

_PROFILE = re.compile(r"[a-z][a-z0-9]*")
_PROFILES = "conduit:profiles"


@dataclass(frozen=True)
class Setting:
    """The name of one setting in the environment and, unless it is for the environment only, in stack config."""

    variable: str
    key: str | None = None

    def variable_of(self, profile: str | None) -> str:
        """Return the environment variable, which ends with the profile in capitals."""
        return f"{self.variable}_{profile.upper()}" if profile else self.variable

    def key_of(self, profile: str | None) -> str:
        """Return the path of the setting in stack config, as `pulumi config --path` writes it."""
        return f"{_PROFILES}.{profile}.{self.key}" if profile else f"conduit:{self.key}"

    def names(self, profile: str | None) -> str:
        """Return every name that a user could set, for a message."""
        variable = self.variable_of(profile)
        return f"{variable} (stack config {self.key_of(profile)})" if self.key else variable


@dataclass(frozen=True)
class Names:
    """All settings."""

    link_token: Setting = Setting("CONDUIT_LINK_APP_TOKEN", "linkAppToken")
    link_url: Setting = Setting("CONDUIT_LINK_URL", "linkUrl")
    conductor_url: Setting = Setting("CONDUCTOR_URL", "conductorUrl")
    conductor_username: Setting = Setting("CONDUCTOR_USERNAME", "conductorUsername")
    conductor_password: Setting = Setting("CONDUCTOR_PASSWORD", "conductorPassword")
    conductor_routes: Setting = Setting("CONDUCTOR_ROUTES")
    deadline: Setting = Setting("CONDUIT_DEADLINE_SECONDS", "deadlineSeconds")
    preview: Setting = Setting("CONDUIT_PREVIEW", "preview")
    max_missing: Setting = Setting("CONDUIT_MAX_MISSING", "maxMissing")
    max_deactivations: Setting = Setting("CONDUIT_MAX_DEACTIVATIONS", "maxDeactivations")
    max_revocations: Setting = Setting("CONDUIT_MAX_REVOCATIONS", "maxRevocations")
    max_reactivations: Setting = Setting("CONDUIT_MAX_REACTIVATIONS", "maxReactivations")
    workers: Setting = Setting("CONDUIT_WORKERS")
    allow_move: Setting = Setting("CONDUIT_ALLOW_MOVE")
    debug: Setting = Setting("CONDUIT_DEBUG")
    sdk_hooks: Setting = Setting("CONDUIT_SDK_HOOKS")

    @property
    def all(self) -> tuple[Setting, ...]:
        """Return every setting in this order."""
        return tuple(getattr(self, one.name) for one in fields(self))


_KEYS = frozenset(field.default.key for field in fields(Names) if isinstance(field.default, Setting))


@dataclass(frozen=True)
class Found:
    """A value and the name under which it was found."""

    text: str = field(repr=False)  # it may be a credential
    name: str


class Sources:
    """Look settings up in both sources; an empty text counts as unset."""

    def __init__(self, environ: Mapping[str, str], config: Mapping[str, str]) -> None:
        """Keep the two sources; values are validated when they are read."""
        self._environ = environ
        self._config = config
        self.find: Callable[[Setting, str | None], Found | None] = cache(self._find)
        """Return the value of a setting; where both sources have one, the environment's. It is looked up once."""

    def in_environ(self, setting: Setting, profile: str | None) -> Found | None:
        """Return the environment's value."""
        name = setting.variable_of(_require_profile(profile))
        text = self._environ.get(name)
        return Found(text, name) if text else None

    def in_config(self, setting: Setting, profile: str | None) -> Found | None:
        """Return the stack config's value."""
        if setting.key is None:
            return None
        name = setting.key_of(_require_profile(profile))
        text = self._profile(profile).get(setting.key) if profile else self._config.get(name)
        return Found(text, name) if text else None

    def profiles_in_config(self) -> list[str]:
        """Return the names of the profiles in stack config, those that cannot be valid left out."""
        names = _parse_profiles(self._config.get(_PROFILES, ""))
        return [name for name in names if _PROFILE.fullmatch(name)]

    def refuse_mixture(self, settings: Sequence[Setting], profile: str | None) -> None:
        """Raise when the settings of one API come from both sources."""
        environ = [found.name for setting in settings if (found := self.in_environ(setting, profile))]
        config = [found.name for setting in settings if (found := self.in_config(setting, profile))]
        if environ and config:
            raise SettingsError(
                f"{', '.join(environ)} is set in the environment and {', '.join(config)} in stack config; all settings"
                " of one API must come from one source, so remove one of the two"
            )

    def _find(self, setting: Setting, profile: str | None) -> Found | None:
        return self.in_environ(setting, profile) or self.in_config(setting, profile)

    def _profile(self, profile: str) -> Mapping[str, str]:
        section = _parse_profiles(self._config.get(_PROFILES, "")).get(profile, {})
        name = f"{_PROFILES}.{profile}"
        if not isinstance(section, dict):
            raise SettingsError(f"{name} in stack config must be an object of settings")
        if unknown := sorted(set(section) - _KEYS):
            raise SettingsError(f"{name}.{escaped(unknown[0], 40)} in stack config is not a setting")
        return {key: _as_text(value, f"{name}.{key}") for key, value in section.items()}


def _require_profile(profile: str | None) -> str | None:
    if profile is not None and not _PROFILE.fullmatch(profile):
        raise SettingsError(f"profile '{escaped(profile, 40)}' must be a lower-case letter, then letters or digits")
    return profile


def _parse_profiles(text: str) -> Mapping[str, object]:
    try:
        # `pulumi config set --path` stores what looks like a number as one; a password keeps its digits as typed.
        profiles = json.loads(text or "{}", parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        profiles = None
    if not isinstance(profiles, dict):
        raise SettingsError(f"{_PROFILES} in stack config must be an object of profiles; set it with --path")
    return profiles


def _as_text(value: object, name: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str):
        return value or ""
    raise SettingsError(f"{name} in stack config must be a plain value")


def set_secret_command(name: str) -> str:
    """Return the command that sets a key of stack config, as `Setting.key_of` writes it, encrypted."""
    path = "--path " if "." in name else ""
    return f"pulumi config set {path}--secret {name}"


_CONFIG_KEYS = (*(field.default.key for field in fields(Names) if field.default.key), "profiles")  # type: ignore[union-attr]


def stack_config(get: Callable[[str], Any]) -> dict[str, str]:
    """Return every setting that `get` finds under its bare key, by the full one: `linkUrl` as `conduit:linkUrl`."""
    found = {key: get(key) for key in _CONFIG_KEYS}
    return {f"conduit:{key}": value for key, value in found.items() if value is not None}
