"""Runs one operation of the embedded engine as a process of its own, which can be killed."""

import sys
from pathlib import Path

from warm_engine import LAUNCHER

from pulumi_conduit.testing.engine import run

if __name__ == "__main__":
    operation, program, state = sys.argv[1:]
    ran = run(operation, program=Path(program), state=Path(state), launcher=LAUNCHER)
    sys.stdout.write("\n".join(ran.errors))
    sys.exit(not ran.succeeded)
