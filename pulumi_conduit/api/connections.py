"""How an API is connected to: the certificates and proxies, and an adapter for `requests` that keeps the deadline.

Must not know requests, responses or retries. A socket timeout restarts with each byte, so slow headers, a silent name
server or dropped packets could each exceed any deadline. Servers also close idle connections, common ones after five
seconds: a POST sent at that moment fails, and whether it took effect is unknown. So an idle connection is not reused.
"""

from __future__ import annotations

import http.client
import io
import math
import os
import ssl
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from time import monotonic
from traceback import walk_tb
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.utils import (
    DEFAULT_CA_BUNDLE_PATH,
    get_auth_from_url,
    get_environ_proxies,
    select_proxy,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from pulumi_conduit.api.deadline import remaining_s
from pulumi_conduit.errors import SettingsError, escaped
from pulumi_conduit.settings import is_loopback

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from urllib3.response import HTTPResponse

__all__ = ["NO_TLS", "DeadlineAdapter", "TlsSettings", "handshake_failure"]

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
"""What OpenSSL says of a server that speaks no TLS."""
_SOCKS = ("socks5h", "socks5", "socks4a", "socks4")
_NO_PACKAGE = "a SOCKS proxy, which needs a package: pip install 'requests[socks]'"
_NO_LATIN_1 = "a proxy whose user name or password has characters beyond Latin-1, which HTTP cannot send: change them"
_NO_VERSION = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}


@dataclass(frozen=True)
class TlsSettings:
    """The certificates to verify by, True for the ones that come with `requests`, and the proxies to go through.

    `verify` is a file, a folder, or several folders with the system's separator between.
    """

    verify: str | bool
    proxies: dict[str, str]

    @classmethod
    def towards(cls, base_url: str, environ: Mapping[str, str]) -> TlsSettings:
        """Decide for one base URL; proxies are looked up where the process keeps them.

        :raises SettingsError: where a variable names what cannot be used, with its name.
        """
        parts = urlsplit(base_url)
        proxies = {} if is_loopback(parts.hostname or "") else dict(get_environ_proxies(base_url))
        _require_usable_proxy(base_url, proxies)
        return cls(verify=_certificates(environ, is_used=parts.scheme == "https"), proxies=proxies)

    @property
    def bundle(self) -> str:
        """Return the file, the folder or the folders of the certificates to verify by."""
        return self.verify if isinstance(self.verify, str) else DEFAULT_CA_BUNDLE_PATH


def _certificates(environ: Mapping[str, str], *, is_used: bool) -> str | bool:
    for name in _BUNDLES:
        named = environ.get(name)
        path = _existing(name, named) if named else None
        if named and not path:
            raise SettingsError(f"{name} names {escaped(named)}, which does not exist: correct it or unset it")
        if path:
            if is_used and (reason := _unusable(path)):
                raise SettingsError(
                    f"{name} names {escaped(path)}, which holds no certificates to verify by ({reason}); it must be"
                    " PEM, correct it or unset it"
                )
            return path
    return True


def _existing(name: str, path: str) -> str:
    """Return a path if it exists; of a list of folders, as OpenSSL takes it, those that do."""
    paths = path.split(os.pathsep) if name == "SSL_CERT_DIR" else [path]
    return os.pathsep.join(one for one in paths if one and Path(one).exists())


def _is_list(path: Any) -> bool:
    """Return whether it is several folders; a single one may have the separator in its name."""
    return isinstance(path, str) and os.pathsep in path and not Path(path).exists()


@lru_cache
def _unusable(path: str) -> str | None:
    """Return why a file, or every file of a folder or of a list, holds no certificate; None where one can be loaded."""
    if _is_list(path):
        return None if any(_unusable(one) is None for one in path.split(os.pathsep)) else "no file does"
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


def _require_usable_proxy(base_url: str, proxies: Mapping[str, str]) -> None:
    proxy = select_proxy(base_url, dict(proxies))
    if proxy and (reason := _unusable_proxy(proxy)):
        name = next(name for name, url in proxies.items() if url == proxy)
        raise SettingsError(f"{name.upper()}_PROXY names {reason}, or name another proxy")


def _unusable_proxy(proxy: str) -> str | None:
    """Return why `requests` would fail at a proxy, with what to do; None where it would not."""
    scheme = proxy.partition("://")[0].lower() if "://" in proxy else "http"
    if not scheme.startswith("socks"):
        return None if _is_sendable(proxy) else _NO_LATIN_1
    if scheme not in _SOCKS:
        return f"a SOCKS proxy of a version that is not known: write one of {', '.join(_SOCKS)}"
    return None if find_spec("socks") else _NO_PACKAGE


def _is_sendable(proxy: str) -> bool:
    """Return whether user name and password can go into a header; what is no URL at all has another error later."""
    try:
        "".join(get_auth_from_url(proxy if "://" in proxy else f"http://{proxy}")).encode("latin-1")
    except UnicodeEncodeError:
        return False
    except ValueError:
        pass
    return True


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


_LONGEST_IDLE_S = 3.0


class _Bytes(io.RawIOBase):
    """The bytes that a socket receives until the deadline."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        """Take the socket, whose timeout limits the wait for the next bytes, and its reading end."""
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._longest_s = sock.gettimeout()

    def readable(self) -> bool:
        """Return that bytes can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Wait for bytes, until the deadline at most."""
        _limit_timeout(self._sock, self._longest_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's reading end."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: io.BufferedReader = io.BufferedReader(_Bytes(sock, self.fp.detach()))

    def _read_status(self) -> tuple[str, int, str]:
        """Let every interim response be skipped, as `http.client` does with a 100 only; after a 101 none follows."""
        version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed lacks it
        is_interim = status < HTTPStatus.OK and status != HTTPStatus.SWITCHING_PROTOCOLS
        return version, HTTPStatus.CONTINUE if is_interim else status, reason


class _DeadlineConnection(HTTPConnection):
    response_class = _Response
    debuglevel = 0  # that of `http.client` would print passwords and tokens
    _responded_at = -math.inf

    @property
    def is_connected(self) -> bool:
        """Whether it may be used again, as urllib3 asks before each request."""
        return monotonic() - self._responded_at < _LONGEST_IDLE_S and super().is_connected

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself has it
        """Wait for a response, and record when it arrived."""
        try:
            response = super().getresponse()
        except ConnectionError as error:
            # `http.client` has closed the connection, and urllib3 would take that for a proxy that was never reached,
            # although the request was sent through it.
            raise ProtocolError("Connection aborted.", error) from error
        self._responded_at = monotonic()
        return response

    def _new_conn(self) -> socket.socket:
        # Name lookup cannot be interrupted, nor the sum over its addresses bounded, so both run in a thread.
        attempt = _run_in_background(super()._new_conn)
        try:
            sock = attempt.result(timeout=remaining_s())
            _limit_timeout(sock, self.timeout)
        except (FutureTimeoutError, TimeoutError):
            attempt.add_done_callback(_close)
            raise ConnectTimeoutError(self, "deadline exceeded before the connection was made") from None
        return sock

    def send(self, data: Any) -> None:
        """Send bytes, and wait until the deadline at most."""
        if self.sock is not None:
            _limit_timeout(self.sock, self.timeout)
        super().send(data)


class _DeadlineTlsConnection(_DeadlineConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


@lru_cache(maxsize=1)
def _socks_pools() -> dict[str, type[HTTPConnectionPool]]:
    from urllib3.contrib import socks  # noqa: PLC0415 -- it needs a package that is not always there

    class SocksConnection(_DeadlineConnection, socks.SOCKSConnection):
        pass

    class TlsSocksConnection(_DeadlineConnection, socks.SOCKSHTTPSConnection):
        pass

    class SocksPool(HTTPConnectionPool):
        ConnectionCls = SocksConnection

    class TlsSocksPool(HTTPSConnectionPool):
        ConnectionCls = TlsSocksConnection

    return {"http": SocksPool, "https": TlsSocksPool}


class DeadlineAdapter(HTTPAdapter):
    """The adapter that applies the deadline to the connections of a `requests` session."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Prepare direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Prepare connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _socks_pools() if proxy.lower().startswith("socks") else _POOLS
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Let OpenSSL have a list of folders, which `requests` takes for a file."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if _is_list(verify):
            pool["ca_cert_dir"] = pool.pop("ca_certs")
        return host, pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave a list of folders to the pool, which has it already."""
        if not _is_list(verify):
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the idle connections now; urllib3 would do so when a pool is garbage-collected."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 -- urllib3's container refuses to be iterated over
                manager.pools[key].close()
        super().close()


def _limit_timeout(sock: socket.socket, longest_s: float | None) -> None:
    """Set the socket's timeout to the shorter of `longest_s` and the time to the deadline."""
    left_s = remaining_s()
    if left_s is not None and left_s <= 0:
        raise TimeoutError("deadline exceeded")
    sock.settimeout(min(filter(None, (longest_s, left_s)), default=None))


def _run_in_background(connect: Callable[[], socket.socket]) -> Future[socket.socket]:
    attempt: Future[socket.socket] = Future()

    def run() -> None:
        try:
            attempt.set_result(connect())
        except BaseException as error:  # noqa: BLE001 -- raised in the thread that waits
            attempt.set_exception(error)

    Thread(target=run, name="conduit-connect", daemon=True).start()
    return attempt


def _close(attempt: Future[socket.socket]) -> None:
    if attempt.exception() is None:
        attempt.result().close()
