"""Runs one operation of the embedded engine in a process of its own, which can be killed."""

import sys
from pathlib import Path

from preloaded_machine import LAUNCHER
from process_checker import ProcessChecker

from pulumi_conduit.testing.engine import run

if __name__ == "__main__":
    operation, state = sys.argv[1], Path(sys.argv[2])
    program = Path(__file__).parent / "any_program"
    ran = run(operation, program=program, state=state, launcher=ProcessChecker(LAUNCHER, state.parent))
    sys.exit("; ".join(ran.errors) or 0)
