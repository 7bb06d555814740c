"""Runs the SDK's own provider server, `python -m pulumi.dynamic`, behind the fence and tied to the engine."""

from __future__ import annotations

import runpy
import sys

from pulumi_conduit.testing.children.guard import end_with_engine, guard_network

if __name__ == "__main__":
    # A module that is written anew within the second would be taken from its cache, which goes by seconds.
    sys.dont_write_bytecode = True
    end_with_engine()
    guard_network()
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
