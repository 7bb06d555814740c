"""Names of people and companies as an API may keep them: trimmed, composed, or spaced in a way of its own."""

from __future__ import annotations

import unicodedata

__all__ = ["is_form_of", "is_same_text"]


def is_same_text(one: str | None, other: str | None) -> bool:
    """Say whether two names are one but for space at either end and Unicode's composition (NFC).

    A name of nothing but space is another one than no name: none can be created with either.
    """
    return (one or "") == (other or "") or _composed(one) == _composed(other) != ""


def is_form_of(kept: str | None, sent: str | None) -> bool:
    """Say whether a name in the response to a write is the one that was sent, in the form that the API keeps."""
    return _loose(kept) == _loose(sent)


def _composed(name: str | None) -> str:
    return unicodedata.normalize("NFC", name or "").strip()


def _loose(name: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", name or "").split())
