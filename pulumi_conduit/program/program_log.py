"""What the program prints is never taken for a code of the provider: `report` counts by those.

A program that says `pulumi.log.warn("CONDUIT-ADOPT: …", grant)` would else say that the preview has seen the grant.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import pulumi

from pulumi_conduit.warnings import PREFIX

__all__ = ["reserve_codes"]

_COLOUR = re.compile(r"<\{%.*?%\}>", re.DOTALL)  # taken out when a message is shown
_IS_RESERVED = "_conduit_reserves_codes"


def reserve_codes() -> None:
    """Show codes in what the program logs from now on in small letters; once, and where the SDK is one that we know."""
    log = getattr(pulumi.log, "_log", None)
    if log is None or hasattr(log, _IS_RESERVED):
        return

    @functools.wraps(log)
    def shown(engine: Any, severity: Any, message: Any, *more: Any, **named: Any) -> Any:
        return log(engine, severity, _without_codes(message), *more, **named)

    setattr(shown, _IS_RESERVED, True)
    pulumi.log._log = shown  # noqa: SLF001 - every message goes through it


def _without_codes(message: Any) -> Any:
    plain = _COLOUR.sub("", message) if isinstance(message, str) else ""
    return plain.replace(PREFIX, PREFIX.lower()) if PREFIX in plain else message
