"""The bytes of an answer, as far as they can be trusted to end.

Must not know what they say. A few kilobytes can unpack to gigabytes, and an answer may have no end: so
nothing is unpacked, and the size is looked at after every piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import urllib3

from pulumi_conduit.api.classify_exception import loss_of
from pulumi_conduit.api.request import Answer, Fate, Lost

if TYPE_CHECKING:
    import requests

__all__ = ["answer_of"]

_PIECE_BYTES = 65_536


def answer_of(response: requests.Response, limit_bytes: int) -> Answer | Lost:
    """Read an answer whole; of a refusal the status is enough."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = _body(response, headers, limit_bytes)
    if isinstance(body, bytes):
        return Answer(response.status_code, headers, body)
    return body if 200 <= response.status_code < 300 else Answer(response.status_code, headers, b"")


def _body(response: requests.Response, headers: dict[str, str], limit_bytes: int) -> bytes | Lost:
    if headers.get("content-encoding", "identity").lower() != "identity":
        return Lost(Fate.UNREADABLE, "it is compressed, although that was not asked for")
    try:
        return _pieces(response.raw, limit_bytes)
    except urllib3.exceptions.HTTPError as error:
        return loss_of(error)


def _pieces(raw: urllib3.HTTPResponse, limit_bytes: int) -> bytes | Lost:
    body = bytearray()
    while piece := raw.read1(_PIECE_BYTES, decode_content=False):
        body += piece
        if len(body) > limit_bytes:
            return Lost(Fate.UNREADABLE, f"it is longer than {limit_bytes} bytes")
    return bytes(body)
