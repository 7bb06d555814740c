"""What an exception of the HTTP libraries says about the request: certainly unseen, or perhaps seen.

Must not let a library's own text through: it may quote a proxy's URL with its password. What is not known to be
harmless counts as perhaps seen.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import requests
import urllib3

from pulumi_conduit.api.request import Fate, Lost

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["loss_of"]

# Looked up from the top, through the causes that the libraries wrap; the first that fits wins.
_LOSSES: tuple[tuple[tuple[type[BaseException], ...], Fate, str], ...] = (
    ((ssl.SSLCertVerificationError,), Fate.UNSENDABLE, "its certificate cannot be verified"),
    (
        (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError),
        Fate.UNSENT,
        "the proxy cannot be reached or refuses to connect",
    ),
    ((urllib3.exceptions.NameResolutionError,), Fate.UNSENT, "its host name cannot be resolved"),
    (
        (requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError),
        Fate.UNSENT,
        "the connection timed out or was refused",
    ),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidHeader,
            urllib3.exceptions.LocationValueError,
            urllib3.exceptions.ProxySchemeUnsupported,
        ),
        Fate.UNSENDABLE,
        "the request cannot be sent there, or not through the configured proxy",
    ),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        Fate.UNANSWERED,
        "the answer did not come in time",
    ),
)
_BROKEN = Lost(Fate.UNANSWERED, "the connection broke before the answer was complete")


def loss_of(error: BaseException) -> Lost:
    """Return what became of a request that ended in this exception."""
    causes = list(_causes(error))
    for kinds, fate, reason in _LOSSES:
        if any(isinstance(cause, kinds) for cause in causes):
            return Lost(fate, reason)
    return _BROKEN


def _causes(error: BaseException) -> Iterator[BaseException]:
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)
