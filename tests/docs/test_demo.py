"""The demo of README, as a machine without the Pulumi CLI runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_demo_needs_no_cli(tmp_path):
    """Without `pulumi` on PATH the demo says so, and goes through its life on the embedded engine."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    titles = [line.removeprefix("=== ") for line in done.stdout.splitlines() if line.startswith("=== ")]
    calls = [line.removeprefix("--- calls to the APIs: ") for line in done.stdout.splitlines() if "--- calls" in line]
    assert (0, "") == (done.returncode, done.stderr)
    assert "Engine: the embedded one" in done.stdout
    assert ["Create", "Nothing changed, nothing called"] == titles[:2]
    assert ("none", "1 x POST /login, 3 x PUT /users/{userEmail}/status") == (calls[1], calls[-1])
