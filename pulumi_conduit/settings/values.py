"""What the text of a setting may say: numbers, words, credentials and moves.

Must not know which source a text came from; `name` is only for the error. A refused credential is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pulumi_conduit.errors import SettingsError, escaped
from pulumi_conduit.settings.urls import normalised_url

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["flag", "moves", "one_of", "positive_seconds", "sendable_text", "sendable_token", "whole_number"]

_DIGITS = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_DAY_S = 86_400
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def whole_number(text: str, name: str, *, least: int = 0, most: int = 999_999_999) -> int:
    """Return the whole number that the text spells in plain digits."""
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not '{escaped(text, 40)}'")
    return int(text)


def positive_seconds(text: str, name: str) -> float:
    """Return a time of more than nothing and at most a day."""
    if not _DECIMAL.fullmatch(text) or not 0 < float(text) <= _DAY_S:
        shown = escaped(text, 40)
        raise SettingsError(f"{name} must be a number of seconds above 0 and at most {_DAY_S}, not '{shown}'")
    return float(text)


def one_of(text: str, name: str, words: Collection[str]) -> str:
    """Return the text when it is one of the words."""
    if text not in words:
        raise SettingsError(f"{name} must be {' or '.join(words)}, not '{escaped(text, 40)}'")
    return text


def flag(text: str, name: str) -> bool:
    """Return what a yes-or-no setting says."""
    return _FLAGS[one_of(text, name, _FLAGS)]


def sendable_token(text: str, name: str) -> str:
    """Return a token that a request header can carry as it is."""
    sendable_text(text, name)
    if text != text.strip():
        raise SettingsError(f"{name} begins or ends with white space; set it again without")
    if any(ord(character) > 0xFF for character in text):
        raise SettingsError(f"{name} has characters that a request header cannot carry; copy it again")
    return text


def sendable_text(text: str, name: str) -> str:
    """Return a user name or password without characters that nobody types."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise SettingsError(f"{name} has a line end or another control character in it; set it again without")
    return text


def moves(text: str, name: str) -> Mapping[str, str]:
    """Return the allowed moves, from old to new base URL, both in their one spelling."""
    allowed: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        old, new = _move(pair, name)
        if allowed.setdefault(old, new) != new:
            raise SettingsError(f"{name} sends {old} to two places; name one")
    return allowed


def _move(pair: str, name: str) -> tuple[str, str]:
    old, arrow, new = pair.partition("=>")
    if not arrow:
        raise SettingsError(f"{name} must be written as '<old base URL>=><new base URL>', several by commas")
    return normalised_url(old.strip(), name), normalised_url(new.strip(), name)
