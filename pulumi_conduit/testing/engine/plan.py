"""What an operation knows while it plans: what was recorded, and what it has decided so far. Data and its questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from pulumi_conduit.testing.engine.graph import Graph
from pulumi_conduit.testing.engine.results import Diagnostic, Result
from pulumi_conduit.testing.engine.selection import Selection

if TYPE_CHECKING:
    from pulumi_conduit.testing.engine.aliases import Namespace
    from pulumi_conduit.testing.engine.snapshots import Snapshot
    from pulumi_conduit.testing.engine.states import State

__all__ = ["BailError", "Plan"]


_SHORTEST_HIDDEN = 3  # a shorter one would hide half of every message


class BailError(Exception):
    """The operation cannot go on; why has been reported."""


@dataclass
class Plan:
    """The decisions of one operation, by URN."""

    namespace: Namespace
    snapshot: Snapshot
    result: Result
    preview: bool
    selection: Selection = field(default_factory=Selection)
    hidden: tuple[str, ...] = ()  # what must not be shown: the secrets of the configuration
    urns: set[str] = field(default_factory=set)
    creates: set[str] = field(default_factory=set)
    updates: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    sames: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    deletes: dict[str, bool] = field(default_factory=dict)
    pending_deletes: set[State] = field(default_factory=set)
    targeted: set[str] = field(default_factory=set)  # what the program registered of the targets, and their dependents
    skipped: set[str] = field(default_factory=set)  # not created, because the operation is not about them
    reported: set[str] = field(default_factory=set)  # of those, the ones whose absence was reported
    aliased: dict[str, str] = field(default_factory=dict)  # old URN to new
    aliases: dict[str, str] = field(default_factory=dict)  # new URN to old

    def __post_init__(self) -> None:
        """Index what was recorded, and leave out secrets that are too short to be hidden."""
        self.olds = {state.urn: state for state in self.snapshot.base if not state.delete}
        self.graph = Graph(self.snapshot.base)
        self.hidden = tuple(secret for secret in self.hidden if len(secret) >= _SHORTEST_HIDDEN)

    def planned_urns(self) -> set[str]:
        """Return everything that has a step."""
        return self.creates | self.updates | self.replaces | self.sames | self.reads | self.deletes.keys()

    def is_kept(self, urn: str) -> bool:
        """Tell whether the program still wants what was recorded under a URN."""
        now = self.aliased.get(urn, urn)
        return now in self.sames or now in self.updates or now in self.replaces or now in self.reads

    def is_to_be_replaced(self, urn: str) -> bool:
        """Tell whether the caller wants a resource replaced."""
        return urn in self.selection.replace

    def missing(self) -> set[str]:
        """Return what was not created and not yet complained of."""
        return self.skipped - self.reported

    def report(self, severity: str, urn: str, message: str) -> None:
        """Tell the user something."""
        self.log(severity, urn, message)
        if severity == "error":
            self.result.succeeded = False

    def log(self, severity: str, urn: str, message: str) -> None:
        """Show a message; as in Pulumi, an error that is only said fails nothing, and secrets are not shown."""
        for secret in self.hidden:
            message = message.replace(secret, "[secret]")
        self.result.diagnostics.append(Diagnostic(severity, urn, message))

    def bail(self, urn: str, message: str) -> NoReturn:
        """Report an error that ends the operation.

        Raises:
            BailError: always.

        """
        self.report("error", urn, message)
        raise BailError
