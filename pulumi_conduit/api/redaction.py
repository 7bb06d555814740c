"""The ways in which an API may quote a secret back: as it is, and as JSON, URLs and base64 spell it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["spellings"]

_FEWEST_SIGNS = 8  # of base64: fewer say nothing about a secret, and occur by chance


def spellings(secret: str) -> list[str]:
    """Return every spelling, the longest first, so that none is left over from within another."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found = {secret} | in_json | in_urls | set(_in_base64(secret.encode(errors="surrogatepass")))
    return sorted(filter(None, found), key=len, reverse=True)


def _in_base64(secret: bytes) -> Iterator[str]:
    """Return what base64 makes of the secret alone, wherever in a longer text it begins."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        # Six bits a sign: the first and the last may belong to the neighbours as well.
        alone = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(alone) >= _FEWEST_SIGNS:
            yield alone
            yield alone.replace("+", "-").replace("/", "_")
