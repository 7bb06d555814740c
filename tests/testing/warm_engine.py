"""What an engine that is to be killed finds loaded: the engine, and what starts its children as fast as can be."""

import forks

from pulumi_conduit.testing.engine import Launcher, Nursery, Spawning

LAUNCHER: Launcher = Nursery() if forks.are_safe() else Spawning()
