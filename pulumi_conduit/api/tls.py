"""Whom the transport trusts on the way to an API: certificates and proxies, decided once and passed on explicitly.

Must not know credentials. `requests` is kept from deciding by itself, since its `trust_env` would also let a `.netrc`
replace the token. Proxies are honoured because many a company network has no other way out; they see no credential, for
https goes through a tunnel, and plain http, which is for loopback, never through a proxy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from pulumi_conduit.errors import SettingsError, escaped
from pulumi_conduit.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Trust"]

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Trust:
    """The certificates to verify by, True for the ones that come with `requests`, and the proxies to go through."""

    verify: str | bool
    proxies: dict[str, str]

    @classmethod
    def towards(cls, base_url: str, environ: Mapping[str, str]) -> Trust:
        """Decide for one base URL; proxies are looked up where the process keeps them."""
        host = urlsplit(base_url).hostname or ""
        return cls(
            verify=_certificates(environ),
            proxies={} if is_loopback(host) else dict(get_environ_proxies(base_url)),
        )

    @property
    def bundle(self) -> str:
        """Return the file or folder of the certificates to verify by."""
        return self.verify if isinstance(self.verify, str) else DEFAULT_CA_BUNDLE_PATH


def _certificates(environ: Mapping[str, str]) -> str | bool:
    for name in _BUNDLES:
        path = environ.get(name)
        if path and not Path(path).exists():
            raise SettingsError(f"{name} names {escaped(path)}, which is not there; correct it or unset it")
        if path:
            return path
    return True
