"""docs/reference.md is what the code says."""

import subprocess
import sys
from pathlib import Path

import pulumi_conduit as conduit

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_up_to_date():
    """The committed page is what `make reference` makes of the code as it is."""
    script = [sys.executable, str(ROOT / ".ci" / "reference.py")]
    made = subprocess.run(script, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours

    assert made == (ROOT / "docs" / "reference.md").read_text(encoding="utf-8"), "run `make reference`"


def test_every_public_name_is_in_the_reference():
    """A new kind of public name cannot be forgotten by the script."""
    headings = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8").splitlines()

    assert [] == [name for name in conduit.__all__ if f"### {name}" not in headings]
