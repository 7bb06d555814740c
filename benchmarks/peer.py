"""What a peer is: a name, a way to run, and the calls that it must make. Knows no peer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.formulas import CallTable, Routes

__all__ = ["PEERS", "WORKLOADS", "Kind", "Peer", "peer_named"]

WORKLOADS = ("up", "no-op", "preview", "preview-change", "refresh", "change", "destroy")
"""One life, in this order."""

PEERS: Mapping[str, str] = {
    "ours": "ours",
    "ours-no-hooks": "ours_without_hooks",
    "ours-parallel-diff": "ours_with_parallel_diff",
    "naive": "naive",
    "tuned": "tuned",
    "script": "script",
    "script-10": "script_threads",
    "floor": "floor",
    "terraform-count": "terraform_count",
    "terraform-for-each": "terraform_for_each",
}
"""The peers by name, each with its module in `benchmarks.peers`."""


class Kind(Enum):
    """What runs a peer."""

    PULUMI = "pulumi"
    SCRIPT = "script"
    TERRAFORM = "terraform"


@dataclass(frozen=True)
class Peer:
    """One way to manage the same objects."""

    name: str
    what: str
    """One line for the tables."""
    kind: Kind
    calls: CallTable
    """The calls of each workload; what is left out makes none."""
    source: str = ""
    """Terraform's configuration, where that is what runs."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Settings of its own."""

    @property
    def is_floor(self) -> bool:
        """Say whether it calls nobody, so that the latency makes no difference."""
        return not self.calls

    @property
    def module(self) -> str:
        """The module that programs and scripts are run from."""
        return f"benchmarks.peers.{PEERS[self.name]}"

    def routes(self, workload: str) -> Routes:
        """Return the calls of a workload."""
        return self.calls.get(workload, {})

    def expected(self, workload: str, size: int, changes: int) -> dict[str, int]:
        """Return how often each route must be asked for."""
        counts = {route: formula.at(size, changes) for route, formula in self.routes(workload).items()}
        return {route: count for route, count in counts.items() if count}


def peer_named(name: str) -> Peer:
    """Return a peer; its module is loaded only now."""
    found: Peer = import_module(f"benchmarks.peers.{PEERS[name]}").PEER
    return found
