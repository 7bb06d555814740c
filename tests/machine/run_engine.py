"""Runs one operation of the embedded engine in a process of its own, which can be killed."""

import sys
from pathlib import Path

from pulumi_conduit.testing.engine import run

if __name__ == "__main__":
    operation, state = sys.argv[1:]
    ran = run(operation, program=Path(__file__).parent / "any_program", state=Path(state))
    sys.exit("; ".join(ran.errors) or 0)
