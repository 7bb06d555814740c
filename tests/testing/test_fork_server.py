"""The warm interpreter that children are forked from ends with its engine, and in silence."""

import signal
import subprocess
import sys

import pytest

from pulumi_conduit.testing.engine import ForkLauncher

KILLED = """
import asyncio
import os
import signal
from pathlib import Path

from pulumi_conduit.testing.engine import ForkLauncher


async def main():
    await ForkLauncher().start("waits", [], cwd=Path.cwd(), environ=dict(os.environ))
    os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(main())
"""


@pytest.mark.slow
def test_a_killed_engine_leaves_no_process_and_no_traceback(tmp_path, conduit_launcher):
    """The fork server, its child and who waits for the child all end, or this would wait for their output for ever."""
    if not isinstance(conduit_launcher, ForkLauncher):
        pytest.skip("with this SDK, or on this system, processes are not forked")
    (tmp_path / "waits.py").write_text("import sys\nsys.stdin.read()\n", encoding="utf-8")

    ran = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, capture_output=True, timeout=60, check=False)  # noqa: S603 - our own

    assert (-signal.SIGKILL, b"", b"") == (ran.returncode, ran.stdout, ran.stderr)
