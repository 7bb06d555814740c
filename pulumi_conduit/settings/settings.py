"""Typed access to the settings, with credentials as a `Secret`.

Must not know the engine or HTTP. A setting is validated when it is read, so that a program without companies needs no
Link token.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn, cast

from pulumi_conduit.errors import SettingsError
from pulumi_conduit.settings import values
from pulumi_conduit.settings.sources import Found, Names, Setting, Sources
from pulumi_conduit.settings.values import normalised_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ConductorSettings", "LinkSettings", "Preview", "SdkHooks", "Secret", "Settings"]

_MASK = "***"


class Secret:
    """Hold a text that only `reveal()` returns."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text; use it in a request only."""
        return self._text

    def __repr__(self) -> str:
        """Return a mask."""
        return _MASK

    def __format__(self, spec: str) -> str:
        """Return a mask, whatever the format spec."""
        return _MASK

    def __eq__(self, other: object) -> bool:
        """Compare the texts."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """Hash with the text, as equality demands."""
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied by value."""
        raise TypeError("a secret is never serialised")


Preview = Literal["online", "offline"]
SdkHooks = Literal["auto", "off"]

_NAMES = Names()
_LINK = (_NAMES.link_token, _NAMES.link_url)
# The route file has no key in stack config, so it goes with credentials of either source.
_CONDUCTOR = (_NAMES.conductor_url, _NAMES.conductor_username, _NAMES.conductor_password)
_CREDENTIALS = {_NAMES.link_token: _NAMES.link_url, _NAMES.conductor_password: _NAMES.conductor_url}
_LINK_URL = "https://api.getconduit.app"
_DEADLINE_S = 120.0
_MAX_MISSING = 3
_WORKERS = 16
_MOST_WORKERS = 1000


@dataclass(frozen=True)
class LinkSettings:
    """How to reach the Conduit Link API."""

    url: str
    token: Secret


@dataclass(frozen=True)
class ConductorSettings:
    """How to reach the Conductor User Management API; `routes` is the path of a TOML file."""

    url: str
    username: str
    password: Secret
    routes: str | None


_ADVICE_ON_FORKS = (
    ". A pull request from a fork gets no secrets: leave every credential of this API empty there, and its preview"
    " passes unverified"
)


class Settings:
    """Read settings of a profile, or of none, from the two sources."""

    def __init__(self, environ: Mapping[str, str], config: Mapping[str, str]) -> None:
        """Take the environment and the stack config, whose keys are written as `conduit:linkUrl`."""
        self._sources = Sources(environ, config)
        # Every call of the engine asks for these three; each is read once per profile.
        self.deadline_s: Callable[[str | None], float] = cache(self._deadline_s)
        """Return the longest time one operation may take, in seconds."""
        self.preview: Callable[[str | None], Preview] = cache(self._preview)
        """Return whether a preview may ask the APIs."""
        self.has_conductor: Callable[[str | None], bool] = cache(self._has_conductor)
        """Return whether either source has a credential of the Conductor API, even half of one."""

    def link(self, profile: str | None) -> LinkSettings:
        """Return the settings of the Link API."""
        self._sources.refuse_mixture(_LINK, profile)
        token = self._required(_NAMES.link_token, profile)
        url = self._sources.find(_NAMES.link_url, profile) or Found(_LINK_URL, _NAMES.link_url.names(profile))
        return LinkSettings(
            url=normalised_url(url.text, url.name),
            token=Secret(values.sendable_token(token.text, token.name)),
        )

    def conductor(self, profile: str | None) -> ConductorSettings:
        """Return the settings of the Conductor API."""
        self._sources.refuse_mixture(_CONDUCTOR, profile)
        url, username, password = (self._required(setting, profile) for setting in _CONDUCTOR)
        routes = self._sources.find(_NAMES.conductor_routes, profile)
        return ConductorSettings(
            url=normalised_url(url.text, url.name),
            username=values.sendable_username(username.text, username.name),
            password=Secret(values.sendable_text(password.text, password.name)),
            routes=routes.text if routes else None,
        )

    def missing(self, profile: str | None) -> Mapping[Setting, str]:
        """Return what is missing of all that either API needs, by setting: that it is not set, or empty."""
        needed = (_NAMES.link_token, *_CONDUCTOR)
        absent = (setting for setting in needed if self._sources.find(setting, profile) is None)
        return {setting: self._absence(setting, profile) for setting in absent}

    def names_found(self, profile: str | None) -> Mapping[Setting, str]:
        """Return the name (variable or stack config key) under which each setting was found; never a value."""
        found = {setting: self._sources.find(setting, profile) for setting in _NAMES.all}
        return {setting: one.name for setting, one in found.items() if one}

    def credentials_in_config(self) -> list[str]:
        """Return the stack config keys of every profile's credentials, but for loopback URLs.

        A profile that cannot be read is left out: its first use is an error.
        """
        found = self._credentials_in_config(None)
        with suppress(SettingsError):
            for profile in self._sources.profiles_in_config():
                with suppress(SettingsError):
                    found += self._credentials_in_config(profile)
        return found

    def has_link(self, profile: str | None) -> bool:
        """Return whether either source has a credential of the Link API."""
        return self._sources.find(_NAMES.link_token, profile) is not None

    def max_missing(self, profile: str | None) -> int:
        """Return how many objects one process may report as not found."""
        found = self._limit(_NAMES.max_missing, profile)
        return _MAX_MISSING if found is None else found

    def max_missing_name(self, profile: str | None) -> str:
        """Return the name under which that limit was found, or could be set."""
        found = self._sources.find(_NAMES.max_missing, profile)
        return found.name if found else _NAMES.max_missing.variable_of(profile)

    def max_deactivations(self, profile: str | None) -> int | None:
        """Return how many users one process may deactivate; None means any number."""
        return self._limit(_NAMES.max_deactivations, profile)

    def max_revocations(self, profile: str | None) -> int | None:
        """Return how many grants one process may revoke; None means any number."""
        return self._limit(_NAMES.max_revocations, profile)

    def max_reactivations(self, profile: str | None) -> int | None:
        """Return how many users one process may set ACTIVE again; None means any number."""
        return self._limit(_NAMES.max_reactivations, profile)

    def allow_move(self) -> Mapping[str, str]:
        """Return the allowed moves of state, from old to new base URL."""
        found = self._sources.find(_NAMES.allow_move, None)
        return values.moves(found.text, found.name) if found else {}

    def workers(self) -> int:
        """Return how many requests may be in flight at once."""
        found = self._sources.find(_NAMES.workers, None)
        return values.whole_number(found.text, found.name, least=1, most=_MOST_WORKERS) if found else _WORKERS

    def debug(self) -> bool:
        """Return whether errors come with a traceback."""
        found = self._sources.find(_NAMES.debug, None)
        return values.flag(found.text, found.name) if found else False

    def sdk_hooks(self) -> SdkHooks:
        """Return whether the SDK may be made faster, where its version is known."""
        found = self._sources.find(_NAMES.sdk_hooks, None)
        return cast("SdkHooks", values.one_of(found.text, found.name, ("auto", "off"))) if found else "auto"

    def _has_conductor(self, profile: str | None) -> bool:
        credentials = (_NAMES.conductor_username, _NAMES.conductor_password)
        return any(self._sources.find(setting, profile) for setting in credentials)

    def _deadline_s(self, profile: str | None) -> float:
        found = self._sources.find(_NAMES.deadline, profile)
        return values.positive_seconds(found.text, found.name) if found else _DEADLINE_S

    def _preview(self, profile: str | None) -> Preview:
        found = self._sources.find(_NAMES.preview, profile)
        if found is None:
            return "online"
        return cast("Preview", values.one_of(found.text, found.name, ("online", "offline")))

    def _credentials_in_config(self, profile: str | None) -> list[str]:
        found = []
        for credential, url in _CREDENTIALS.items():
            held, target = self._sources.in_config(credential, profile), self._sources.find(url, profile)
            if held and not (target and values.is_loopback_url(target.text)):
                found.append(held.name)
        return found

    def _limit(self, setting: Setting, profile: str | None) -> int | None:
        found = self._sources.find(setting, profile)
        return values.whole_number(found.text, found.name) if found else None

    def _required(self, setting: Setting, profile: str | None) -> Found:
        found = self._sources.find(setting, profile)
        if found is None:
            advice = _ADVICE_ON_FORKS if self._sources.is_empty(setting, profile) else ""
            absence = self._absence(setting, profile)
            raise SettingsError(f"{absence}, and this program needs it; set one of the two{advice}")
        return found

    def _absence(self, setting: Setting, profile: str | None) -> str:
        is_empty = self._sources.is_empty(setting, profile)
        return f"{setting.names(profile)} is {'empty' if is_empty else 'not set'}"
