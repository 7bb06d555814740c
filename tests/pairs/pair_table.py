"""The table of outcomes, read: `outcomes.md` says for every pair what comes of it, or why the two cannot meet."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from pair_features import cells

__all__ = ["FILE", "Row", "drawn", "read", "shortened"]

FILE = Path(__file__).parent / "outcomes.md"
_SEED = 1
_CANNOT_MEET = "cannot meet: "
_REFUSED = re.compile(r"^refused \((.*?)\): (?=(?:IN)?ACTIVE )", re.DOTALL)

# Every error that is an outcome, by the word that the table has for it.
_REFUSALS = {
    "two kinds": r"this program also declares single grants for the user; use one kind",
    "protected": r"cannot be deleted|currently marked for protection",
    "not a target": r"will be destroyed but was not specified in --target list",
    "not created": r"depends on .* which was was not specified in --target list",
    "import differs": r"import_ never writes, and",
    "grants left out": r"this run leaves out its grants",
    "conflict": r"exists, and (?:type|status) is",
}


@dataclass(frozen=True)
class Row:
    """What the table says of one pair."""

    edit: str
    plain_run: str
    destroy: str

    @property
    def why_not(self) -> str:
        """Why the two cannot meet, or nothing."""
        return self.edit.removeprefix(_CANNOT_MEET) if self.edit.startswith(_CANNOT_MEET) else ""

    @property
    def outcomes(self) -> list[str]:
        """What a cell must come to."""
        return [self.edit, self.plain_run, self.destroy]


def read() -> dict[tuple[str, str], Row]:
    """Return the rows by their pairs.

    Raises:
        ValueError: a pair has two rows.

    """
    rows: dict[tuple[str, str], Row] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if len(parts) != 5 or parts[0] in {"feature", "---"}:
            continue
        if (parts[0], parts[1]) in rows:
            raise ValueError(f"{parts[0]} and {parts[1]} have two rows")
        rows[parts[0], parts[1]] = Row(*parts[2:])
    return rows


def shortened(outcome: str) -> str:
    """Return an outcome with the table's word for its error."""
    found = _REFUSED.match(outcome)
    if not found:
        return outcome
    words = [word for word, pattern in _REFUSALS.items() if re.search(pattern, found.group(1))]
    return f"refused ({' + '.join(words) or found.group(1)}): {outcome[found.end() :]}"


def drawn(count: int | None = None) -> list[tuple[str, str]]:
    """Return pairs that can meet, in an order that a fixed seed shuffles; all, or the first few."""
    rows = read()
    pairs = [pair for pair in cells() if pair in rows and not rows[pair].why_not]
    random.Random(_SEED).shuffle(pairs)  # noqa: S311 - a draw, not a secret
    return pairs[:count]
