"""What an engine that is to be killed finds loaded: the engine, and what starts its children as fast as can be."""

from pulumi_conduit.testing.engine import fork_launcher
from pulumi_conduit.testing.plugin import PRELOADED

LAUNCHER = fork_launcher(*PRELOADED)
