"""Ours under an option of the engine that is off by default: the diffs of several resources at once."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.peers.ours import PEER as OURS
from benchmarks.peers.ours import declare

__all__ = ["PEER", "declare"]

PEER = replace(
    OURS,
    name="ours-parallel-diff",
    what="pulumi_conduit with the engine's PULUMI_PARALLEL_DIFF=true",
    environ={"PULUMI_PARALLEL_DIFF": "true"},
)
