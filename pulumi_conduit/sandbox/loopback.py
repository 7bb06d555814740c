"""Which hosts are this machine and nobody else's: the sandbox serves no other."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pulumi_conduit.sandbox.rules.refusals import MistakeError

__all__ = ["is_loopback", "is_loopback_authority", "require_loopback"]


def is_loopback(host: str) -> bool:
    """Say whether a host is loopback, by address or as `localhost`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_authority(authority: str) -> bool:
    """Say whether the host of a `Host` header is loopback."""
    try:
        return is_loopback(urlsplit(f"//{authority}").hostname or "")
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """Return the host, or refuse it: the sandbox has no secrets worth guarding and no guard."""
    if not is_loopback(host):
        raise MistakeError(f"the sandbox listens on loopback only, not on {host!r}; use 127.0.0.1")
    return host
