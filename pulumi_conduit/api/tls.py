"""The certificates and proxies on the way to an API: decided once, passed on explicitly, and what TLS failed at."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from pulumi_conduit.errors import SettingsError, escaped
from pulumi_conduit.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_TLS", "TlsSettings", "handshake_failure"]

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
"""What OpenSSL says of a server that speaks no TLS."""
_NO_VERSION = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}


@dataclass(frozen=True)
class TlsSettings:
    """The certificates to verify by, True for the ones that come with `requests`, and the proxies to go through."""

    verify: str | bool
    proxies: dict[str, str]

    @classmethod
    def towards(cls, base_url: str, environ: Mapping[str, str]) -> TlsSettings:
        """Decide for one base URL; proxies are looked up where the process keeps them.

        :raises SettingsError: where a variable names what cannot be used, with its name.
        """
        parts = urlsplit(base_url)
        proxies = {} if is_loopback(parts.hostname or "") else dict(get_environ_proxies(base_url))
        _require_socks(proxies)
        return cls(verify=_certificates(environ, is_used=parts.scheme == "https"), proxies=proxies)

    @property
    def bundle(self) -> str:
        """Return the file or folder of the certificates to verify by."""
        return self.verify if isinstance(self.verify, str) else DEFAULT_CA_BUNDLE_PATH


def _certificates(environ: Mapping[str, str], *, is_used: bool) -> str | bool:
    for name in _BUNDLES:
        path = environ.get(name)
        if path and not Path(path).exists():
            raise SettingsError(f"{name} names {escaped(path)}, which does not exist: correct it or unset it")
        if path:
            if is_used and (reason := _unusable(path)):
                raise SettingsError(
                    f"{name} names {escaped(path)}, which holds no certificates to verify by ({reason}); it must be"
                    " PEM, correct it or unset it"
                )
            return path
    return True


@lru_cache
def _unusable(path: str) -> str | None:
    """Return why a file, or every file of a folder, holds no certificate; None where one can be loaded."""
    if Path(path).is_dir():
        return None if any(_reason(one) is None for one in Path(path).iterdir() if one.is_file()) else "no file does"
    return _reason(Path(path))


def _reason(path: Path) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=str(path))
    except ssl.SSLError as error:
        return error.reason or "it is empty"
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _require_socks(proxies: Mapping[str, str]) -> None:
    names = [scheme for scheme, url in proxies.items() if url.lower().startswith("socks")]
    if names and find_spec("socks") is None:
        raise SettingsError(
            f"{names[0].upper()}_PROXY names a SOCKS proxy, which needs a package: pip install 'requests[socks]', or"
            " name an HTTP proxy"
        )


def handshake_failure(error: BaseException) -> str | None:
    """Return what a TLS handshake failed at, with what to do; None for an error of anything later.

    Nothing was sent then, and another attempt would fail alike.
    """
    is_certificate = isinstance(error, ssl.SSLCertVerificationError)
    if not isinstance(error, ssl.SSLError) or is_certificate or not _is_in_handshake(error):
        return None
    reason = error.reason or "it closed the connection"
    if reason in NO_TLS:
        return f"it does not speak TLS ({reason}): check the port, and https:// against http://"
    if reason in _NO_VERSION:
        return f"it and this Python have no TLS version in common ({reason})"
    return f"the TLS handshake failed ({escaped(reason, 80)}): check the port, a firewall, or a client certificate"


def _is_in_handshake(error: ssl.SSLError) -> bool:
    return any(frame.f_code.co_name == "do_handshake" for frame, _ in walk_tb(error.__traceback__))
