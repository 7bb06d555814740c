"""An engine that runs an unmodified Pulumi program against the SDK's own provider server, without the Pulumi CLI.

For tests and demonstrations only: it is not Pulumi, it reaches nothing but the sandbox, and its state holds secrets in
the clear. It knows nothing of the provider. What it does, it does as Pulumi's engine; what it does not do ends in an
error. `docs/testing.md` lists both.
"""

from __future__ import annotations

from pulumi_conduit.testing.engine.operations import OPERATIONS, run
from pulumi_conduit.testing.engine.plan import Names
from pulumi_conduit.testing.engine.processes import ForkLauncher, Launcher, Spawning, fork_launcher
from pulumi_conduit.testing.engine.results import Diagnostic, EngineError, Result, Step
from pulumi_conduit.testing.engine.values import Secret

__all__ = [
    "OPERATIONS",
    "Diagnostic",
    "EngineError",
    "ForkLauncher",
    "Launcher",
    "Names",
    "Result",
    "Secret",
    "Spawning",
    "Step",
    "fork_launcher",
    "run",
]
