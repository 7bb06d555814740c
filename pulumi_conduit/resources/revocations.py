"""Which accounts go with an account list whose user stays: decided here, for the provider and for the report alike."""

from __future__ import annotations

__all__ = ["taken_with_list"]

_Accounts = frozenset[int]


def taken_with_list(listed: _Accounts, wanted: _Accounts, held: _Accounts, initial: _Accounts) -> _Accounts:
    """Return the accounts that are taken away with a list.

    What other resources want stays. A user who would hold nothing that the identity owns keeps its initial accounts of
    the list instead; `held` is everything of that kind that the user holds, what is wanted included.
    """
    removed = listed - wanted
    return removed if held - removed else removed - initial
