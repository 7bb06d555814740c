"""Points in time as APIs spell them (ISO 8601): whether two texts name the same one.

Must not know whose they are. `datetime` cuts a fraction after six digits, and Python 3.10 reads few spellings.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

__all__ = ["is_same_instant"]

_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,30}))?"
    r"\s?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class _Instant(NamedTuple):
    """Whole units since the epoch, and how many digits of a second a unit has."""

    units: int
    digits: int


def is_same_instant(one: str, other: str) -> bool:
    """Say whether both name one instant, as exactly as the less exact one does: by truncation or by rounding.

    Time without a zone is UTC. Texts that are no ISO 8601 are the same only if they are equal.
    """
    instants = [_parsed(one), _parsed(other)]
    known = [instant for instant in instants if instant is not None]
    if len(known) < len(instants):
        return one == other
    coarse, fine = sorted(known, key=lambda instant: instant.digits)
    unit: int = 10 ** (fine.digits - coarse.digits)
    whole, rest = divmod(fine.units, unit)
    return coarse.units == whole or (2 * rest >= unit and coarse.units == whole + 1)


def _parsed(text: str) -> _Instant | None:
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    *numbers, fraction, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        since = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc) - offset - _EPOCH
    except (ValueError, OverflowError):
        return None
    digits = len(fraction or "")
    return _Instant((since.days * 86_400 + since.seconds) * 10**digits + int(fraction or 0), digits)
