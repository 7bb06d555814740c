"""What an engine that is to be killed finds loaded: the engine, and what starts its children as fast as can be."""

import sys

from pulumi_conduit.testing.engine import Launcher, Nursery, Spawning

LAUNCHER: Launcher = Nursery("pulumi_conduit.api.connect") if sys.platform == "linux" else Spawning()
