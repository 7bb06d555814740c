"""Ours on Pulumi's SDK as it is: what the package's hooks into the SDK are worth."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.peers.ours import PEER as OURS
from benchmarks.peers.ours import declare

__all__ = ["PEER", "declare"]

PEER = replace(
    OURS,
    name="ours-no-hooks",
    what="pulumi_conduit with CONDUIT_SDK_HOOKS=off, on the SDK as it is",
    environ={"CONDUIT_SDK_HOOKS": "off"},
)
