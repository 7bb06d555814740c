"""Secrets that must turn up nowhere, and the search for them in each disguise that a log or a state could give them."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

PASSWORD = 'canary "pässword"\\+/=%&<>\'|{}'
LINK_TOKEN = "canary-link-token+/=%&<>'|{}-and-so-on"
_WINDOW = 16


class Canaries:
    """The secrets of one test, by name."""

    def __init__(self, **secrets):
        """Begin with those that are known from the start."""
        self._secrets = dict(secrets)

    def add(self, name, secret):
        """Add one that has come up."""
        self._secrets[f"{name} {len(self._secrets)}"] = secret

    @property
    def kinds(self):
        """Return what kinds of secrets there are."""
        return {name.partition(" ")[0] for name in self._secrets}

    def kinds_in(self, content):
        """Return the kinds of which one stands whole in some bytes, as it is or in JSON."""
        whole = {(name, form) for name, text in self._secrets.items() for form in (text, json.dumps(text)[1:-1])}
        return {name.partition(" ")[0] for name, form in whole if form.encode() in content}

    def hits(self, *texts):
        """Return the names of the secrets that occur in the texts, whole or in part, plain or disguised."""
        haystacks = [text if isinstance(text, bytes) else str(text).encode(errors="surrogatepass") for text in texts]
        return sorted(
            f"{name} as {disguise}"
            for name, secret in self._secrets.items()
            for disguise, needle in disguises(secret)
            if any(needle in haystack for haystack in haystacks)
        )


def disguises(secret):
    """Return what a secret may look like: part of it plain, and all of it encoded."""
    raw = secret.encode()
    yield from (("plain text", raw[at : at + _WINDOW]) for at in range(max(1, len(raw) - _WINDOW + 1)))
    yield from (("base64", piece) for piece in _base64(raw))
    for way in (quote, quote_plus, lambda text: quote(text, safe="")):
        yield "URL", way(secret).encode()
    once = json.dumps(secret)[1:-1]
    for escaped in (once, json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(once)[1:-1], repr(secret)[1:-1]):
        yield "JSON", escaped.encode()
    yield "hex", raw.hex().encode()


def _base64(raw):
    """Return the part of each of the three ways to stand in a longer base64 text that does not depend on the rest."""
    for before in range(3):
        encoded = base64.b64encode(b"\x00" * before + raw)
        middle = encoded[(0, 2, 3)[before] : len(encoded) - 4]
        yield middle
        yield middle.translate(bytes.maketrans(b"+/", b"-_"))
