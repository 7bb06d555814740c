"""One spelling per base URL, and none that could lead a credential astray.

Must not know which API a URL belongs to, and never shows a refused URL: it may carry a password.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from pulumi_conduit.errors import SettingsError

__all__ = ["is_loopback", "normalised_url"]

# Printable ASCII but for the backslash, which some parsers take for a slash.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def normalised_url(text: str, name: str) -> str:
    """Return the one spelling of a base URL; `name` says in an error which setting holds it."""
    parts = _split(text, name)
    host = _host(parts, name)
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"{name} must begin with https://: plain http is for loopback only")
    return f"{parts.scheme}://{_bracketed(host)}{_port(parts, name)}{_path(parts, name)}"


def is_loopback(host: str) -> bool:
    """Tell whether a host name, without brackets, can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
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


def _bracketed(host: str) -> str:
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
