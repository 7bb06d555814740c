"""A token or password that is masked wherever it is printed.

It cannot be pickled, because the engine pickles what a provider object holds and stores it in the state.
"""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Secret"]

_MASK = "***"


class Secret:
    """Hold a text that only `reveal()` returns."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text; use it in a request only."""
        return self._text

    def __repr__(self) -> str:
        """Return a mask."""
        return _MASK

    def __format__(self, spec: str) -> str:
        """Return a mask, whatever the format spec."""
        return _MASK

    def __eq__(self, other: object) -> bool:
        """Compare the texts."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """Hash with the text, as equality demands."""
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied by value."""
        raise TypeError("a secret is never serialised")
