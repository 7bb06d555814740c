"""A text that must be shown to nobody: a token or a password on its way from a source to a request.

Knows nothing of where it came from. It cannot be pickled, because the engine pickles whatever a provider object holds
and stores it in the state.
"""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Secret"]

_MASK = "***"


class Secret:
    """Hold a text so that only `reveal()` shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; the result must go into a request and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        """Show a mask."""
        return _MASK

    def __format__(self, spec: str) -> str:
        """Show a mask, whatever the format asks for."""
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
