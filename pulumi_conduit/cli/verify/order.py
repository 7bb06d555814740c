"""What the caller wants to be tried, and on whom."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEFT_BEFORE", "Order"]

LEFT_BEFORE = "if an earlier run of verify left it, add --again; else name another one"


@dataclass(frozen=True)
class Order:
    """The options that decide which requests are sent."""

    user: str | None
    company: str | None
    accounts: tuple[int, ...] = ()
    is_read_only: bool = False
    probes_writes: bool = False
    again: bool = False
    with_last_account: bool = False
