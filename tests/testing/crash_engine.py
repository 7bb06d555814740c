"""Runs one operation of the embedded engine as a process of its own, which can be killed."""

import os
import sys
from pathlib import Path

from preloaded_engine import LAUNCHER

from pulumi_conduit.testing.engine import Spawning, run

if __name__ == "__main__":
    operation, program, state = sys.argv[1:]
    launcher = Spawning() if os.environ.get("COLD") else LAUNCHER
    ran = run(operation, program=Path(program), state=Path(state), launcher=launcher)
    sys.stdout.write("\n".join(ran.errors))
    sys.exit(not ran.succeeded)
