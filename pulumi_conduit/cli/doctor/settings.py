"""Checks of settings: values, sources, and unknown names.

A value is shown after it is validated, so a URL never with a user name or password in it, and a secret never.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes
from pulumi_conduit.cli.doctor.findings import Code, Finding
from pulumi_conduit.cli.pulumi_project import given_options
from pulumi_conduit.errors import SettingsError, escaped
from pulumi_conduit.roster.shards import RESHARD_FROM_KEY, SHARD_KEY
from pulumi_conduit.settings.sources import Names, set_secret_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.cli.doctor.findings import Examined
    from pulumi_conduit.settings import Settings
    from pulumi_conduit.settings.sources import Setting

__all__ = ["found_settings", "in_clear", "profiles", "routes", "unknown_keys", "unknown_variables"]

_NAMES = Names()
_LINK = (_NAMES.link_url, _NAMES.link_token)
_CONDUCTOR = (_NAMES.conductor_url, _NAMES.conductor_username, _NAMES.conductor_password)
_SECRETS = (_NAMES.link_token, _NAMES.conductor_password)
_PREFIXES = ("CONDUIT_", "CONDUCTOR_")
_NAMESPACE = "conduit:"
_PROFILES = "conduit:profiles"
_OF_THE_KIT = ("CONDUIT_TESTING_ANY_LOOPBACK",)
_OF_ROSTERS = (SHARD_KEY, RESHARD_FROM_KEY)
_WITHOUT_PROFILES = (_NAMES.workers, _NAMES.allow_move, _NAMES.debug, _NAMES.sdk_hooks)
_ONE_IS_ENOUGH = "set all of one API: Conduit Link for companies, Conductor for people; docs/settings.md lists them"
_SUFFIX = re.compile(r"_([A-Z][A-Z0-9]*)")

ValueOf = Callable[["Settings", "str | None"], Any]

_OTHERS: Mapping[Setting, ValueOf] = {
    _NAMES.deadline: lambda settings, profile: f"{settings.deadline_s(profile):g}",
    _NAMES.preview: lambda settings, profile: settings.preview(profile),
    _NAMES.max_missing: lambda settings, profile: settings.max_missing(profile),
    _NAMES.max_deactivations: lambda settings, profile: settings.max_deactivations(profile),
    _NAMES.max_revocations: lambda settings, profile: settings.max_revocations(profile),
    _NAMES.max_reactivations: lambda settings, profile: settings.max_reactivations(profile),
    _NAMES.workers: lambda settings, _: settings.workers(),
    _NAMES.allow_move: lambda settings, _: ", ".join(f"{old}=>{new}" for old, new in settings.allow_move().items()),
    _NAMES.debug: lambda settings, _: str(settings.debug()).lower(),
    _NAMES.sdk_hooks: lambda settings, _: settings.sdk_hooks(),
}


def found_settings(subject: Examined) -> Iterator[Finding]:
    """Report each setting with its value and source, or its error."""
    try:
        names = subject.settings.names_found(subject.profile)
    except SettingsError as error:
        yield _wrong(error)
        return
    yield from _api("Conduit Link", _LINK, names, subject, _link_values)
    yield from _api("Conductor", _CONDUCTOR, names, subject, _conductor_values)
    for setting, value_of in _OTHERS.items():
        if setting in names:
            yield from _other(subject, setting, names[setting], value_of)


def routes(subject: Examined) -> Iterator[Finding]:
    """Check the file of CONDUCTOR_ROUTES."""
    names = _names_found(subject)
    if _NAMES.conductor_routes not in names:
        return
    variable = names[_NAMES.conductor_routes]
    path = subject.environ[variable]
    try:
        table = override_routes(CONDUCTOR_ROUTES, path)
    except SettingsError as error:
        yield Finding(Code.ROUTES_WRONG, str(error), "correct the file; docs/settings.md has its form")
        return
    changed = [name for name, route in table.items() if route != CONDUCTOR_ROUTES[name]]
    yield Finding(Code.ROUTES, f"{variable} is {escaped(path)}, and changes {', '.join(changed) or 'nothing'}")


def in_clear(subject: Examined) -> Iterator[Finding]:
    """Find unencrypted credentials in stack config."""
    wanted = {setting.key_of(subject.profile) for setting in _SECRETS}
    for name in sorted(wanted & set(_names_found(subject).values())):
        section = _PROFILES if subject.profile else name
        if section in subject.in_clear:
            command = set_secret_command(name) + given_options(subject.stack, subject.folder)
            advice = f"`{command}`, and change the credential: it is in the file's history"
            yield Finding(Code.SECRET_IN_CLEAR, f"{name} is stored in stack config unencrypted", advice)


def unknown_variables(subject: Examined) -> Iterator[Finding]:
    """Find unknown variables with our prefixes, and suggest the closest name."""
    known = {setting.variable: setting for setting in _NAMES.all}
    for name in sorted(subject.environ):
        if _looks_like_ours(name, known) and name not in _OF_THE_KIT and not _is_ours(name, known):
            yield _unknown(name, "the environment", list(known))


def unknown_keys(subject: Examined) -> Iterator[Finding]:
    """Find unknown keys of stack config in our namespace."""
    keys = [setting.key for setting in _NAMES.all if setting.key]
    known = [_PROFILES, *(f"{_NAMESPACE}{key}" for key in (*keys, *_OF_ROSTERS))]
    for name in sorted(set(subject.config) - set(known)):
        yield _unknown(name, "stack config", known)


def profiles(subject: Examined) -> Iterator[Finding]:
    """Report the profiles in the environment."""
    found = set()
    for name in subject.environ:
        setting, suffix = _split(name, {setting.variable: setting for setting in _NAMES.all})
        if setting and suffix and setting not in _WITHOUT_PROFILES:
            found.add(suffix.lower())
    if others := sorted(found - {subject.profile}):
        text = f"the environment has settings of profile {', '.join(others)}, too"
        given = given_options(subject.stack, subject.folder)
        yield Finding(Code.PROFILES, text, f"`pulumi-conduit doctor --profile {others[0]}{given}` checks them")


def _api(
    api: str,
    settings: tuple[Setting, ...],
    names: Mapping[Setting, str],
    subject: Examined,
    values_of: Callable[[Examined], dict[Setting, Any]],
) -> Iterator[Finding]:
    mine = {setting: names[setting] for setting in settings if setting in names}
    missing = subject.settings.missing(subject.profile)
    lacking = [missing[setting] for setting in settings if setting in missing]
    if not mine and names.keys() & {*_LINK, *_CONDUCTOR}:
        yield Finding(Code.API_NOT_SET, f"{api}: no settings, so it is not tested")
    elif lacking and not _is_mixed(mine):
        yield from _set_without_value(mine)
        yield from _missing(api, lacking)
    else:
        yield from _report_values(mine, partial(values_of, subject))


def _missing(api: str, lacking: list[str]) -> Iterator[Finding]:
    """Report each setting that is missing, and after the last one what to do."""
    for place, text in enumerate(lacking, start=1):
        yield Finding(Code.SETTING_MISSING, f"{api}: {text}", _ONE_IS_ENOUGH if place == len(lacking) else "")


def _is_mixed(names: Mapping[Setting, str]) -> bool:
    return len(set(map(_source, names.values()))) > 1


def _set_without_value(names: Mapping[Setting, str]) -> Iterator[Finding]:
    return (Finding(Code.SETTING, f"{name} is set, in {_source(name)}") for name in names.values())


def _other(subject: Examined, setting: Setting, name: str, value_of: ValueOf) -> Iterator[Finding]:
    return _report_values({setting: name}, lambda: {setting: value_of(subject.settings, subject.profile)})


def _report_values(names: Mapping[Setting, str], values: Callable[[], dict[Setting, Any]]) -> Iterator[Finding]:
    """Report settings with their values if these are valid, else with their sources only."""
    try:
        passed = values()
    except SettingsError as error:
        yield from _set_without_value(names)
        yield _wrong(error)
        return
    for setting, value in passed.items():
        shown = "is set" if value is None else f"is {escaped(str(value))}"
        where = f"in {_source(names[setting])}" if setting in names else "by default"
        yield Finding(Code.SETTING, f"{names.get(setting, setting.variable)} {shown}, {where}")


def _link_values(subject: Examined) -> dict[Setting, Any]:
    link = subject.settings.link(subject.profile)
    return {_NAMES.link_url: link.url, _NAMES.link_token: None}


def _conductor_values(subject: Examined) -> dict[Setting, Any]:
    conductor = subject.settings.conductor(subject.profile)
    return {
        _NAMES.conductor_url: conductor.url,
        _NAMES.conductor_username: conductor.username,
        _NAMES.conductor_password: None,
    }


def _wrong(error: SettingsError) -> Finding:
    return Finding(Code.SETTING_WRONG, str(error), "see docs/settings.md")


def _source(name: str) -> str:
    return "stack config" if name.startswith(_NAMESPACE) else "the environment"


def _names_found(subject: Examined) -> Mapping[Setting, str]:
    try:
        return subject.settings.names_found(subject.profile)
    except SettingsError:
        return {}


def _is_ours(name: str, known: Mapping[str, Setting]) -> bool:
    setting, suffix = _split(name, known)
    return setting is not None and not (suffix and setting in _WITHOUT_PROFILES)


def _looks_like_ours(name: str, known: Mapping[str, Setting]) -> bool:
    if name.startswith(_PREFIXES):
        return True
    return name[:4].upper() == "COND" and bool(get_close_matches(name.upper(), known, n=1, cutoff=0.85))


def _split(name: str, known: Mapping[str, Setting]) -> tuple[Setting | None, str]:
    """Return the setting of a variable, and the suffix of its profile."""
    if name in known:
        return known[name], ""
    for variable, setting in known.items():
        if name.startswith(variable) and (suffix := _SUFFIX.fullmatch(name[len(variable) :])):
            return setting, suffix[1]
    return None, ""


def _unknown(name: str, source: str, known: list[str]) -> Finding:
    near = [close for text in (name, name.upper()) for close in get_close_matches(text, known, n=1, cutoff=0.75)]
    advice = (
        f"did you mean {near[0]}?" if near else "remove it, or correct its name; docs/settings.md lists all settings"
    )
    return Finding(Code.UNKNOWN_SETTING, f"{escaped(name, 80)} in {source} is not a setting and has no effect", advice)
