"""Which resources an operation is confined to, as Pulumi's `--target`, `--exclude` and `--replace` name them.

The rules are those of Pulumi's `UrnTargets` (`pkg/resource/deploy/deployment.go`). A bare name stands for every
resource of that name, which Pulumi's command line does not offer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.urns import is_urn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Names", "Selection", "Urns", "select"]

Names: TypeAlias = "str | Sequence[str]"


@dataclass(frozen=True)
class Urns:
    """A set of URNs, given by URNs, by patterns with `*` and `**`, or by names."""

    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Names) -> Urns:
        """Return the set that a caller names."""
        given = (names,) if isinstance(names, str) else tuple(names)
        return cls(tuple(one if is_urn(one) or "*" in one else f"**::{one}" for one in given))

    def __bool__(self) -> bool:
        """Return whether anything was named."""
        return bool(self.written)

    def __contains__(self, urn: str) -> bool:
        """Return whether a URN is meant."""
        return any(_pattern(one).fullmatch(urn) for one in self.written)

    @property
    def literals(self) -> list[str]:
        """The URNs that were named without a pattern."""
        return [one for one in self.written if "*" not in one]


def _pattern(written: str) -> re.Pattern[str]:
    """Read a pattern: `*` stays between two colons, `**` does not."""
    anywhere = ("[^:]*".join(map(re.escape, part.split("*"))) for part in written.split("**"))
    return re.compile(".*".join(anywhere), re.DOTALL)


@dataclass(frozen=True)
class Selection:
    """What an operation is confined to; nothing named means everything."""

    target: Urns = field(default_factory=Urns)
    exclude: Urns = field(default_factory=Urns)
    replace: Urns = field(default_factory=Urns)
    target_dependents: bool = False


def select(operation: str, *, target: Names, exclude: Names, replace: Names, target_dependents: bool) -> Selection:
    """Return what an operation is confined to.

    Raises:
        EngineError: the options exclude each other, as on Pulumi's command line, or the operation knows them not.

    """
    selection = Selection(Urns.of(target), Urns.of(exclude), Urns.of(replace), target_dependents)
    if selection.target and selection.exclude:
        raise EngineError("target and exclude cannot be given together")
    if selection.replace and operation not in {"preview", "up"}:
        raise EngineError(f"replace is an option of preview and up, not of {operation}")
    return selection
