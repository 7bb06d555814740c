"""Validates the text of a setting: URLs in normal form, numbers, words, credentials and moves."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from pulumi_conduit.errors import SettingsError, escaped, is_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = [
    "flag",
    "is_loopback",
    "is_loopback_url",
    "moves",
    "normalised_url",
    "one_of",
    "positive_seconds",
    "sendable_text",
    "sendable_token",
    "sendable_username",
    "whole_number",
]

# Printable ASCII except the backslash, which some parsers read as a slash.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def normalised_url(text: str, name: str) -> str:
    """Return a base URL in normal form; `name` is the setting, for errors."""
    parts = _split(text, name)
    host = _host(parts, name)
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"{name} must begin with https://: plain http is for loopback only")
    return f"{parts.scheme}://{_bracket(host)}{_port(parts, name)}{_path(parts, name)}"


def is_loopback(host: str) -> bool:
    """Return whether a host name, without brackets, is a loopback name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(text: str) -> bool:
    """Return whether a valid base URL leads to a loopback name or address."""
    try:
        return is_loopback(urlsplit(normalised_url(text, "")).hostname or "")
    except SettingsError:
        return False


def _split(text: str, name: str) -> SplitResult:
    if not _PLAIN.fullmatch(text):
        raise SettingsError(f"{name} must be plain ASCII without spaces, control characters or backslashes")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise SettingsError(f"{name} is not a URL; write https://host or https://host/path") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise SettingsError(f"{name} must be a URL that begins with https://")
    _refuse_extras(text, parts, name)
    return parts


def _refuse_extras(text: str, parts: SplitResult, name: str) -> None:
    if "@" in parts.netloc:
        raise SettingsError(f"{name} must not carry a user name or password; set the credentials on their own")
    if "?" in text or "#" in text:
        raise SettingsError(f"{name} must not carry a query or a fragment")


def _host(parts: SplitResult, name: str) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) and not _is_ipv6(host):
        raise SettingsError(f"{name} must name a host in ASCII letters, digits, dots and hyphens, or an IP address")
    return host


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return "%" not in host


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _port(parts: SplitResult, name: str) -> str:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise SettingsError(f"{name} must have a port between 1 and 65535, or none")
    return "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"


def _path(parts: SplitResult, name: str) -> str:
    path = parts.path.rstrip("/")
    if any(unquote(segment) in (".", "..") for segment in path.split("/")):
        raise SettingsError(f"{name} must not have '.' or '..' in its path")
    return path


_DIGITS = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_DAY_S = 86_400
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def whole_number(text: str, name: str, *, least: int = 0, most: int = 999_999_999) -> int:
    """Return the whole number in plain digits."""
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not '{escaped(text, 40)}'")
    return int(text)


def positive_seconds(text: str, name: str) -> float:
    """Return a number of seconds above 0 and at most a day."""
    if not _DECIMAL.fullmatch(text) or not 0 < float(text) <= _DAY_S:
        shown = escaped(text, 40)
        raise SettingsError(f"{name} must be a number of seconds above 0 and at most {_DAY_S}, not '{shown}'")
    return float(text)


def one_of(text: str, name: str, words: Collection[str]) -> str:
    """Return the text when it is one of the words."""
    if text not in words:
        raise SettingsError(f"{name} must be {' or '.join(words)}, not '{escaped(text, 40)}'")
    return text


def flag(text: str, name: str) -> bool:
    """Return a boolean setting."""
    return _FLAGS[one_of(text, name, _FLAGS)]


def sendable_token(text: str, name: str) -> str:
    """Return a token that a request header can carry."""
    sendable_text(text, name)
    if text != text.strip():
        raise SettingsError(f"{name} begins or ends with white space; set it again without")
    if any(ord(character) > 0xFF for character in text):
        raise SettingsError(f"{name} has characters that a request header cannot carry; copy it again")
    return text


def sendable_text(text: str, name: str) -> str:
    """Return a user name or password without control characters."""
    if not is_plain(text) and any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise SettingsError(f"{name} has a line end or another control character in it; set it again without")
    return text


def sendable_username(text: str, name: str) -> str:
    """Return a user name without space at its ends: copying leaves one there, and the login says "wrong password"."""
    sendable_text(text, name)
    if text != text.strip():
        raise SettingsError(f"{name} begins or ends with white space; set it again without")
    return text


def moves(text: str, name: str) -> Mapping[str, str]:
    """Return the allowed moves, from old to new base URL, both in normal form."""
    allowed: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        old, new = _move(pair, name)
        if allowed.setdefault(old, new) != new:
            raise SettingsError(f"{name} maps {old} to two URLs; name one")
    return allowed


def _move(pair: str, name: str) -> tuple[str, str]:
    old, arrow, new = pair.partition("=>")
    if not arrow:
        raise SettingsError(f"{name} must be written as '<old base URL>=><new base URL>', several by commas")
    return normalised_url(old.strip(), name), normalised_url(new.strip(), name)
